import { defineCommand, flag, value } from './command.ts';

const options = {
  token: value('the token itself (stays in the shell history; better a pipe)', { alias: 't' }),
  file: value('a file that holds the token', { alias: 'f' }),
  silent: flag('no chatter'),
  json: flag('failures as one JSON object'),
} as const;

export const inspectCommand = defineCommand({
  command: 'inspect',
  describe: 'decode a token from stdin and print its claims as JSON',
  options,
  examples: [['tokencli get-token -p graph --silent | tokencli inspect', 'what the token says']],
  run: async (app, args) => {
    const { inspect } = await import('../usecases/inspect.ts');
    return inspect(app, args);
  },
});
