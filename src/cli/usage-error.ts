import { closestName } from '../core/closest-name.ts';
import { CliError } from '../core/errors.ts';
import type { Mistake } from './read-line.ts';
import { SECRET_FLAG } from './split-line.ts';

const STDIN_FLAG = /^--(client-secret|certificate-password|passphrase)-stdin$/;

/** Typing errors in the name of a command. */
const MOST_ERRORS = 3;

/** The error for a wrong command line. Suggests the command that may have been meant. */
export function toUsageError({ message, path, typo }: Mistake, argv: readonly string[]): CliError {
  const secret = argv.find((word) => SECRET_FLAG.test(word));
  if (secret !== undefined) return secretError(secret);
  const stdin = argv.find((word, at) => STDIN_FLAG.test(word) && /^[^-]/.test(argv[at + 1] ?? ''));
  if (stdin !== undefined) {
    const problem = `${stdin} takes no value: the command line would show it`;
    return new CliError('usage', problem, { hint: 'write the value to stdin' });
  }
  // of those that are as close the longest, because people cut names short
  const longestFirst = typo?.names.toSorted((a, b) => b.length - a.length) ?? [];
  const meant = typo && closestName(typo.word, longestFirst, MOST_ERRORS);
  return new CliError('usage', meant === undefined ? message : `did you mean ${meant}?`, {
    hint: ['tokencli', path, '--help'].filter(Boolean).join(' '),
  });
}

/** The secret that was typed is not repeated in the message. */
function secretError(word: string): CliError {
  const [typed = ''] = word.split('=', 1);
  const name = typed.replace(/^--?/, '').toLowerCase();
  const kind =
    name === 'passphrase'
      ? 'passphrase'
      : name.startsWith('certificate')
        ? 'certificate-password'
        : 'client-secret';
  return new CliError('usage', `no option takes the value of a secret: ${typed} would show it`, {
    hint: `hand it over with --${kind}-stdin, --${kind}-file or --${kind}-env`,
  });
}
