import { shellWord } from '../../core/shell-word.ts';
import type { GetTokenArgs } from './token-options.ts';

/** The command that does in a terminal what this call could not do without a person. */
export function signInCommand(profile: string, args: GetTokenArgs): string {
  const words = ['tokencli', 'get-token', '-p', profile];
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) words.push(name, shellWord(value));
  };
  add('-f', args.flow);
  for (const scope of args.scope ?? []) add('-s', String(scope));
  add('--resource', args.resource);
  add('--tenant', args.tenant);
  add('--client-id', args['client-id']);
  add('--login-hint', args['login-hint']);
  add('--claims', args.claims);
  // `none` asks nobody, which is what did not do
  if (args.prompt !== 'none') add('--prompt', args.prompt);
  add('--port', args.port);
  // without these a token that still lives would be the answer, and nobody would be asked
  add('--min-ttl', args['min-ttl']);
  for (const flag of ['force-refresh', 'no-cache', 'no-browser'] as const) {
    if (args[flag] === true) words.push(`--${flag}`);
  }
  return words.join(' ');
}
