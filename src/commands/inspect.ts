import { defineCommand } from './command.ts';

export const inspectCommand = defineCommand({
  command: 'inspect',
  describe: 'decode a token from stdin and print its claims as JSON',
  options: {},
  examples: [['tokencli get-token -p graph --silent | tokencli inspect', 'what the token says']],
  run: async (app, args) => {
    const { inspect } = await import('../usecases/inspect.ts');
    return inspect(app, args);
  },
});
