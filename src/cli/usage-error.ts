import type { Commands } from '../commands/command.ts';
import { CliError } from '../core/errors.ts';
import type { Mistake } from './read-line.ts';

const SECRET_FLAG = /^--(client-secret|certificate-password|passphrase|secret|password)(=|$)/;
const STDIN_FLAG = /^--(client-secret|certificate-password|passphrase)-stdin$/;

/**
 * The error for a wrong command line. yargs, which is loaded only here, words the message and
 * suggests what may have been meant. If yargs finds nothing wrong, the message of `readLine` is
 * used.
 */
export async function toUsageError(
  { message, path, spelled }: Mistake,
  argv: readonly string[],
  commands: Commands,
): Promise<CliError> {
  const secret = argv.map((word) => SECRET_FLAG.exec(word)?.[1]).find(Boolean);
  if (secret !== undefined) return secretError(secret);
  const stdin = argv.find((word, at) => STDIN_FLAG.test(word) && /^[^-]/.test(argv[at + 1] ?? ''));
  if (stdin !== undefined) {
    const problem = `${stdin} takes no value: the command line would show it`;
    return new CliError('usage', problem, { hint: 'write the value to stdin' });
  }
  // yargs does not accept a positional after `--`
  const words = spelled?.includes('--') ? undefined : spelled;
  const better = words && (await findMistakeByYargs(words, commands));
  const text = better ?? message;
  return new CliError('usage', text, {
    hint: ['tokencli', path, '--help'].filter(Boolean).join(' '),
  });
}

async function findMistakeByYargs(spelled: readonly string[], commands: Commands) {
  const { findMistake } = await import('./yargs.ts');
  return findMistake(spelled, commands);
}

/** The secret that was typed is not repeated in the message. */
function secretError(name: string): CliError {
  const kind = name === 'secret' || name === 'password' ? 'client-secret' : name;
  return new CliError('usage', `no option takes the value of a secret: --${name} would show it`, {
    hint: `hand it over with --${kind}-stdin, --${kind}-file or --${kind}-env`,
  });
}
