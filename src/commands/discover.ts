import { defineCommand, flag, tokenSourceOptions, value } from './command.ts';

export const discoverCommand = defineCommand({
  name: 'discover',
  describe: 'tell whether a token is still valid (exit 0: not expired; 6: expired; 9: no token)',
  options: {
    ...tokenSourceOptions,
    'min-ttl': value('count less life left than this as expired, such as 90s, 10m, 1h'),
    silent: flag('no chatter'),
    json: flag('the answer as one JSON document'),
  },
  examples: [
    ['tokencli discover -f token.txt || tokencli get-token -p graph -o token.txt', 'a guard'],
  ],
  load: async () => (await import('../usecases/inspect/discover.ts')).discover,
});
