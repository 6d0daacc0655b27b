import { defineCommand, value } from './command.ts';
import { tokenOptions } from './get-token.ts';

export const refreshCommand = defineCommand({
  name: 'refresh',
  describe: 'get a new token without asking a person',
  options: { ...tokenOptions, timeout: value('overall time limit (default 60s)') },
  examples: [['tokencli refresh -p graph', 'whatever the cache has']],
  load: async () => (await import('../usecases/token/refresh.ts')).refreshToken,
});
