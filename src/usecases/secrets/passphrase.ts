import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { readSecret, secretFlags } from './secret-input.ts';

type Arguments = Readonly<Record<string, unknown>>;

/** Characters. Whoever has the file can try passphrases without end. */
const SHORTEST = 12;

/** The passphrase of a new file: from a flag, else asked for twice. @throws CliError usage */
export async function choosePassphrase(app: App, args: Arguments): Promise<string> {
  const given = await byFlag(app, args);
  if (given !== undefined) {
    const wrong = weakness(given);
    if (wrong !== undefined) throw new CliError('usage', `the passphrase is too short: ${wrong}`);
    return given;
  }
  refuseWithoutTerminal(app);
  const prompter = await app.prompter();
  const chosen = await prompter.password({
    message: `Passphrase for the file (at least ${SHORTEST} characters)`,
    validate: weakness,
  });
  app.log.registerSecret(chosen);
  await prompter.password({
    message: 'The same passphrase again',
    validate: (again) => (again === chosen ? undefined : 'that is another one'),
  });
  return chosen;
}

/** The passphrase of a file that is there. @throws CliError usage */
export async function askPassphrase(app: App, args: Arguments, file: string): Promise<string> {
  const given = await byFlag(app, args);
  if (given !== undefined) return given;
  refuseWithoutTerminal(app);
  const prompter = await app.prompter();
  const answer = await prompter.password({
    message: `Passphrase of ${file}`,
    validate: (typed) => (typed === '' ? 'a value is needed' : undefined),
  });
  app.log.registerSecret(answer);
  return answer;
}

async function byFlag(app: App, args: Arguments): Promise<string | undefined> {
  const flags = secretFlags(args, 'passphrase');
  // at a terminal stdin is the keyboard, and a passphrase is asked for anyway
  const asked = flags.stdin && app.io.stdinIsTty && app.log.interactive;
  return readSecret(app, 'passphrase', asked ? { ...flags, stdin: undefined } : flags);
}

function weakness(passphrase: string): string | undefined {
  if ([...passphrase].length >= SHORTEST) return undefined;
  return `it needs at least ${SHORTEST} characters`;
}

function refuseWithoutTerminal(app: App): void {
  if (app.log.interactive) return;
  throw new CliError('usage', 'without a terminal nobody can be asked for the passphrase', {
    hint: 'hand it over with --passphrase-stdin, --passphrase-file or --passphrase-env',
  });
}
