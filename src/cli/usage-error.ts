import type { Commands } from '../commands/command.ts';
import { CliError } from '../core/errors.ts';
import type { Mistake } from './read-line.ts';
import { SECRET_FLAG } from './split-line.ts';

const STDIN_FLAG = /^--(client-secret|certificate-password|passphrase)-stdin$/;

/**
 * The error for a wrong command line. For an unknown command, yargs, which is loaded only here,
 * suggests what may have been meant.
 */
export async function toUsageError(
  { message, path, typo }: Mistake,
  argv: readonly string[],
  commands: Commands,
): Promise<CliError> {
  const secret = argv.find((word) => SECRET_FLAG.test(word));
  if (secret !== undefined) return secretError(secret);
  const stdin = argv.find((word, at) => STDIN_FLAG.test(word) && /^[^-]/.test(argv[at + 1] ?? ''));
  if (stdin !== undefined) {
    const problem = `${stdin} takes no value: the command line would show it`;
    return new CliError('usage', problem, { hint: 'write the value to stdin' });
  }
  const better = typo && (await (await import('./yargs.ts')).suggestCommand(typo, commands));
  return new CliError('usage', better ?? message, {
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
