import { type Deadline, startDeadline } from '../../core/deadline.ts';
import { systemReason } from '../../core/errors.ts';
import { readBounded } from '../../core/files/bounded-read.ts';
import { findProgram } from '../../core/find-program.ts';
import { expandHome } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { withoutSecretVariables } from '../../core/secret-variables.ts';
import { decodeText, withoutLineEnd } from '../../core/text.ts';
import type { Profile } from '../../profiles/schema.ts';
import { refuseNoSecret } from '../secrets/secret-flaw.ts';
import { asReferenceFailure, unavailable, unusable } from './reference-failure.ts';
import { type ReferenceSource, titleOf } from './reference-source.ts';

/** What reading a reference needs. */
export type ReferenceApp = Pick<App, 'commandRunner' | 'env' | 'http' | 'log'> &
  Pick<App, 'platform' | 'userHome' | 'workingFolder'>;

/** Bytes. */
const LARGEST = 64 * 1024;
const FILE_MILLISECONDS = 10_000;
const COMMAND_SECONDS = { attended: 60, unattended: 10 };
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Reads a client secret or an assertion: one line, without its line end.
 * @throws CliError store_unavailable (out of reach), invalid_data (of no use), network
 */
export async function readReferredText(
  app: ReferenceApp,
  profile: Profile,
  source: ReferenceSource,
  deadline: Deadline,
): Promise<string> {
  const text = decodeText(await readReference(app, profile, source, deadline));
  if (text === undefined || text.includes('\0')) throw unusable(source, 'is not text');
  const value = withoutLineEnd(text);
  app.log.registerSecret(value);
  if (value.trim() === '') throw unusable(source, 'is empty');
  if (source.kind === 'secret') refuseNoSecret(value, titleOf(source), 'invalid_data');
  else if (!JWT.test(value)) throw unusable(source, 'is no token (JWT)');
  return value;
}

/** Reads all bytes of a reference, at most 64 KiB. @throws as `readReferredText` */
export async function readReference(
  app: ReferenceApp,
  profile: Profile,
  source: ReferenceSource,
  deadline: Deadline,
): Promise<Buffer> {
  const { reference } = source;
  if ('env' in reference) {
    const value = app.env[reference.env];
    if (value) return Buffer.from(value);
    throw unavailable(source, value === '' ? 'is empty' : 'is not set');
  }
  if ('file' in reference) return readFile(source, reference.file);
  if ('command' in reference) return runCommand(app, source, reference.command, deadline);
  const { requestIdentityToken } = await import('./identity-token.ts');
  return requestIdentityToken(app, profile, source, deadline);
}

async function readFile(source: ReferenceSource, path: string): Promise<Buffer> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readBounded(path, LARGEST, FILE_MILLISECONDS);
  } catch (cause) {
    throw unavailable(source, `cannot be read: ${systemReason(cause)}`, cause);
  }
  if (bytes === undefined) throw unusable(source, `is larger than ${LARGEST} bytes`);
  if (bytes.length === 0) throw unusable(source, 'is empty');
  return bytes;
}

/** The command does not get the variables that hold a secret. */
async function runCommand(
  app: ReferenceApp,
  source: ReferenceSource,
  [name, ...args]: readonly [string, ...string[]],
  deadline: Deadline,
): Promise<Buffer> {
  const program = findProgram(expandHome(app.userHome, name), app);
  if (program === undefined) throw unavailable(source, 'is not found, or is no program');
  app.log.verbose(`running ${program} (${source.named})`);
  const seconds = COMMAND_SECONDS[app.log.interactive ? 'attended' : 'unattended'];
  const limit = startDeadline(seconds, deadline.signal);
  const env = withoutSecretVariables(app.env);
  const runner = await app.commandRunner();
  const end = await runner.run(program, args, env, limit).catch((failure: unknown) => {
    if (deadline.signal.aborted) throw asReferenceFailure(source, failure);
    if (!limit.signal.aborted) throw failure;
    throw unavailable(source, `did not end within ${seconds}s, so it was ended`);
  });
  if ('failed' in end) {
    if (end.failed === 'size') throw unusable(source, `is larger than ${LARGEST} bytes`);
    throw unavailable(source, `cannot be started: ${systemReason(end.cause)}`, end.cause);
  }
  if (end.exit !== 0) {
    const how = typeof end.exit === 'number' ? `with exit code ${end.exit}` : `by ${end.exit}`;
    // its output is not quoted, because a secret may be in it
    throw unavailable(source, `ended ${how}`);
  }
  if (end.stdout.length === 0) throw unusable(source, 'is empty');
  return end.stdout;
}
