import { resolve } from 'node:path';
import { CliError, systemReason } from '../errors.ts';
import type { App } from '../ports.ts';
import { readBounded } from './bounded-read.ts';

/**
 * Reads all of a file that the command line names.
 * @param file a path, or `-` for stdin
 * @param limit bytes
 * @throws CliError invalid_data
 */
export async function readInput(
  app: Pick<App, 'io' | 'workingFolder'>,
  file: string,
  limit: number,
): Promise<Buffer> {
  if (file === '-') return app.io.readStdin(limit);
  let bytes: Buffer | undefined;
  try {
    bytes = await readBounded(resolve(app.workingFolder, file), limit);
  } catch (cause) {
    const message = `cannot read ${file}: ${systemReason(cause)}`;
    throw new CliError('invalid_data', message, { cause });
  }
  if (bytes) return bytes;
  throw new CliError('invalid_data', `${file} is larger than ${limit} bytes`);
}
