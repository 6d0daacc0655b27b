import { CliError, systemReason } from '../../core/errors.ts';
import { readBounded } from '../../core/files/bounded-read.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { decodeText, withoutLineEnd } from '../../core/text.ts';

const LARGEST = 64 * 1024;

/** The three ways to hand over a secret; none of them shows it in the process list. */
export interface SecretFlags {
  readonly stdin?: boolean | undefined;
  readonly file?: string | undefined;
  readonly env?: string | undefined;
}

/** Picks `--NAME-stdin`, `--NAME-file` and `--NAME-env` out of the arguments of a command. */
export function secretFlags(args: Readonly<Record<string, unknown>>, name: string): SecretFlags {
  return {
    stdin: args[`${name}-stdin`] === true,
    file: args[`${name}-file`] as string | undefined,
    env: args[`${name}-env`] as string | undefined,
  };
}

/**
 * Reads a secret from where the flags say. One trailing newline and a byte order mark are removed,
 * everything else is kept.
 * @param name of the flags, without dashes: `client-secret`
 * @returns undefined if no flag was given
 * @throws CliError usage for an empty secret or several sources, invalid_data for unreadable ones
 */
export async function readSecret(
  app: App,
  name: string,
  flags: SecretFlags,
): Promise<string | undefined> {
  const given = [flags.stdin, flags.file !== undefined, flags.env !== undefined].filter(Boolean);
  if (given.length === 0) return undefined;
  if (given.length > 1) {
    throw new CliError('usage', `give one of --${name}-stdin, --${name}-file, --${name}-env`);
  }
  const secret = cleanSecret(await readRaw(app, name, flags), name);
  app.log.registerSecret(secret);
  return secret;
}

/** @throws CliError usage when nothing is left */
export function cleanSecret(bytes: Buffer, name: string): string {
  const text = decodeText(bytes);
  if (text === undefined || text.includes('\0')) {
    throw new CliError('invalid_data', `the value of --${name}-… is not text`);
  }
  const secret = withoutLineEnd(text);
  if (secret.trim() === '') throw new CliError('usage', `the value of --${name}-… is empty`);
  return secret;
}

async function readRaw(app: App, name: string, flags: SecretFlags): Promise<Buffer> {
  if (flags.env !== undefined) {
    const value = app.env[flags.env];
    if (value) return Buffer.from(value);
    const problem = `the environment variable that --${name}-env names is not set or empty`;
    throw new CliError('usage', problem, { hint: 'it takes the name of a variable, not a value' });
  }
  if (flags.file !== undefined) return readFile(app, name, flags.file);
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

/** The path is not shown: who takes the flag for that of a value has typed the secret there. */
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
