import { defineCommand, flag, path, tokenSourceOptions, value, values } from './command.ts';

export const inspectCommand = defineCommand({
  name: 'inspect',
  describe: 'decode a token and print its claims as JSON',
  options: {
    ...tokenSourceOptions,
    full: flag('header, payload and signature as one JSON object'),
    claim: value('only this claim; a.b steps inside (exit 4 if absent)'),
    explain: flag('say in words what the token is and what it may do'),
    'need-scope': values('exit 4 unless the token has this scope (repeatable)'),
    'need-role': values('exit 4 unless the token has this role (repeatable)'),
    'need-aud': values('exit 4 unless the token is for this API (repeated: one of them)'),
    verify: flag("check signature, issuer, audience and times with the issuer's keys"),
    issuer: value('with --verify: trust this issuer instead of Microsoft Entra'),
    jwks: path('with --verify: the keys of FILE, and nobody is asked (- is stdin)'),
    timeout: value('with --verify: overall time limit (default 30s)'),
    diff: values('what the tokens in two files differ in (- is stdin)', {
      completes: 'files',
      words: 2,
    }),
    silent: flag('no chatter'),
    json: flag('explanations, differences and failures as JSON'),
  },
  examples: [
    ['tokencli get-token -p graph --silent | tokencli inspect', 'what the token says'],
    ['tokencli inspect -f token.txt --explain', 'the same in words'],
    ['tokencli inspect -f token.txt --need-scope Mail.Send', 'may it send mail?'],
  ],
  load: async () => (await import('../usecases/inspect/inspect.ts')).inspect,
});
