import { whyNotAsked } from '../../core/ci.ts';
import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { askForNewPassphrase, passphraseFlaw } from '../../secrets/new-passphrase.ts';
import { type Arguments, readSecret } from './secret-input.ts';

/** The passphrase of a new file: from a flag, else asked for twice. @throws CliError usage */
export async function choosePassphrase(app: App, args: Arguments): Promise<string> {
  const given = await byFlag(app, args);
  if (given !== undefined) {
    const flaw = passphraseFlaw(given);
    if (flaw !== undefined) throw new CliError('usage', `the passphrase is too short: ${flaw}`);
    return given;
  }
  refuseWithoutTerminal(app);
  return askForNewPassphrase(app, 'Passphrase for the file');
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
  // at a terminal stdin is the keyboard, and a passphrase is asked for anyway
  const isAsked = app.io.stdinIsTty && app.log.interactive;
  return readSecret(app, 'passphrase', isAsked ? { ...args, 'passphrase-stdin': undefined } : args);
}

function refuseWithoutTerminal(app: App): void {
  if (app.log.interactive) return;
  throw new CliError('usage', `a passphrase is needed, and ${whyNotAsked(app)}`, {
    hint: 'hand it over with --passphrase-stdin, --passphrase-file or --passphrase-env',
  });
}
