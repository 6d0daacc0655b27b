import { CliError, systemReason } from '../../core/errors.ts';
import { readBounded } from '../../core/files/bounded-read.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { decodeText, withoutLineEnd } from '../../core/text.ts';

const LARGEST = 64 * 1024;

/** The options of a command; those for secrets have names that are put together here. */
export type Arguments = Readonly<Record<string, unknown>>;

/**
 * Reads a secret from where `--NAME-stdin`, `--NAME-file` or `--NAME-env` says; none of them shows it
 * in the process list. One trailing newline and a byte order mark are removed, everything else is
 * kept.
 * @param name of the flags, without dashes: `client-secret`
 * @returns undefined if no flag was given
 * @throws CliError usage for an empty secret or several sources, invalid_data for unreadable ones
 */
export async function readSecret(
  app: App,
  name: string,
  args: Arguments,
): Promise<string | undefined> {
  const given = ['stdin', 'file', 'env'].filter(
    (way) => (args[`${name}-${way}`] ?? false) !== false,
  );
  if (given.length === 0) return undefined;
  if (given.length > 1) {
    throw new CliError('usage', `give one of --${name}-stdin, --${name}-file, --${name}-env`);
  }
  const text = decodeText(await readRaw(app, name, args));
  if (text === undefined || text.includes('\0')) {
    throw new CliError('invalid_data', `the value of --${name}-… is not text`);
  }
  const secret = withoutLineEnd(text);
  if (secret.trim() === '') throw new CliError('usage', `the value of --${name}-… is empty`);
  app.log.registerSecret(secret);
  return secret;
}

async function readRaw(app: App, name: string, args: Arguments): Promise<Buffer> {
  const { [`${name}-env`]: variable, [`${name}-file`]: file } = args;
  if (variable !== undefined) {
    const value = app.env[String(variable)];
    if (value) return Buffer.from(value);
    const problem = `the environment variable that --${name}-env names is not set or empty`;
    throw new CliError('usage', problem, { hint: 'it takes the name of a variable, not a value' });
  }
  if (file !== undefined) return readFile(app, name, String(file));
  if (app.io.stdinIsTty && app.log.interactive) {
    const prompter = await app.prompter();
    return Buffer.from(await prompter.password({ message: name.replaceAll('-', ' ') }));
  }
  if (app.io.stdinIsTty) {
    throw new CliError('usage', `--${name}-stdin needs the secret on stdin, not a terminal`, {
      hint: `pipe it in, or use --${name}-file or --${name}-env`,
    });
  }
  return app.io.readStdin(LARGEST);
}

/** The path is not shown, because somebody may have typed the secret itself there. */
async function readFile(app: App, name: string, file: string): Promise<Buffer> {
  const what = `the file that --${name}-file names`;
  let bytes: Buffer | undefined;
  try {
    bytes = await readBounded(resolveUserPath(app, file), LARGEST);
  } catch (cause) {
    throw new CliError('invalid_data', `cannot read ${what}: ${systemReason(cause)}`, {
      hint: 'it takes the path of a file, not a value',
      cause,
    });
  }
  if (bytes) return bytes;
  throw new CliError('invalid_data', `${what} is too large for a secret`);
}
