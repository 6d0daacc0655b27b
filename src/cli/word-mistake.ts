import type { Commands } from '../commands/command.ts';
import { CliError } from '../core/errors.ts';
import type { Mistake } from './read-line.ts';

const SECRET_FLAG = /^--(client-secret|certificate-password|passphrase|secret|password)(=|$)/;

/** yargs, loaded now, says what is wrong, and what may have been meant, unless it sees nothing wrong. */
export async function wordMistake(
  { message, path, spelled }: Mistake,
  argv: readonly string[],
  commands: Commands,
): Promise<CliError> {
  const secret = argv.map((word) => SECRET_FLAG.exec(word)?.[1]).find(Boolean);
  if (secret !== undefined) return secretError(secret);
  // yargs takes nothing behind `--` for a positional
  const judged = spelled.includes('--') ? undefined : await askYargs(spelled, commands);
  const text = judged ?? message;
  return new CliError('usage', text, {
    hint: ['tokencli', path, '--help'].filter(Boolean).join(' '),
  });
}

async function askYargs(spelled: readonly string[], commands: Commands) {
  const { explain } = await import('./yargs.ts');
  return explain(spelled, commands);
}

/** What was typed is in the shell's history now, so it is not repeated here. */
function secretError(name: string): CliError {
  const kind = name === 'secret' || name === 'password' ? 'client-secret' : name;
  return new CliError('usage', `no option takes the value of a secret: --${name} would show it`, {
    hint: `hand it over with --${kind}-stdin, --${kind}-file or --${kind}-env`,
  });
}
