import { describeUnreadable, tryReadFile } from '../../core/bounded-read.ts';
import { CliError } from '../../core/errors.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';

const MOST_BYTES = 64 * 1024;

/** @throws CliError invalid_data, naming the path: missing, not a file, unreadable, over 64 KiB */
export function readCertificateFile(
  app: Pick<App, 'userHome' | 'workingFolder'>,
  path: string,
): Buffer {
  const full = resolveUserPath(app, path);
  const read = tryReadFile(full, { limit: MOST_BYTES });
  if (!Buffer.isBuffer(read)) {
    throw unreadable(full, describeUnreadable(read, MOST_BYTES), read.cause);
  }
  if (read.length === 0) throw unreadable(full, 'it is empty');
  return read;
}

function unreadable(path: string, reason: string, cause?: unknown): CliError {
  return new CliError('invalid_data', `cannot read the certificate ${path}: ${reason}`, {
    hint: 'correct certificatePath in the profile, or TOKENCLI_CLIENT_CERTIFICATE_PATH',
    cause,
  });
}
