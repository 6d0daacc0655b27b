import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { CliError, systemCode } from '../../core/errors.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';

const MOST_BYTES = 64 * 1024;

/** @throws CliError invalid_data, naming the path: missing, not a file, unreadable, over 64 KiB */
export function readCertificateFile(
  app: Pick<App, 'userHome' | 'workingFolder'>,
  path: string,
): Buffer {
  const full = resolveUserPath(app, path);
  let fd: number | undefined;
  try {
    // a FIFO must not make us wait for somebody who writes to it
    fd = openSync(full, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw unreadable(full, 'it is not a file');
    if (stat.size > MOST_BYTES) throw unreadable(full, `it is larger than ${MOST_BYTES} bytes`);
    if (stat.size === 0) throw unreadable(full, 'it is empty');
    return readFileSync(fd);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unreadable(full, reasonOf(error), error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is not a file',
  ELOOP: 'too many symbolic links',
};

function reasonOf(error: unknown): string {
  const code = systemCode(error);
  return (code && REASONS[code]) ?? code ?? 'it cannot be opened';
}

function unreadable(path: string, reason: string, cause?: unknown): CliError {
  return new CliError('invalid_data', `cannot read the certificate ${path}: ${reason}`, {
    hint: 'correct certificatePath in the profile, or TOKENCLI_CLIENT_CERTIFICATE_PATH',
    cause,
  });
}
