import { CliError } from '../../core/errors.ts';
import { readInput } from '../../core/files/input.ts';
import type { App } from '../../core/ports.ts';
import { decodeAnyText } from '../../core/text.ts';
import { askPassphrase } from '../secrets/passphrase.ts';

/** Bytes of an export, encrypted or not. */
export const LARGEST_TRANSFER = 1024 * 1024;

/**
 * Reads a file to import, and decrypts it if it is an age file.
 * @param file its path, or `-` for stdin
 * @param isPlain true for a text that is not encrypted; by default if it looks like JSON
 * @returns text, which is not trusted, because anybody may have written it
 * @throws CliError invalid_data; a wrong passphrase and a changed file give the same message
 */
export async function readTransfer(
  app: App,
  file: string,
  args: Readonly<Record<string, unknown>>,
  isPlain = looksLikeJson,
): Promise<{ readonly bytes: Uint8Array; readonly encrypted: boolean }> {
  if (file === '-' && args['passphrase-stdin'] === true) {
    throw new CliError('usage', 'stdin cannot give both the file and its passphrase');
  }
  const bytes = await readInput(app, file, LARGEST_TRANSFER);
  const text = decodeAnyText(bytes);
  if (isPlain(text)) return { bytes, encrypted: false };
  if (!looksLikeAge(text)) throw unusable(`${file} is neither JSON nor an age file`);
  const passphrase = await askPassphrase(app, args, file);
  const opened = await (await app.age()).decrypt(bytes, passphrase);
  if (opened) return { bytes: opened, encrypted: true };
  throw unusable(`cannot open ${file}: wrong passphrase, or the file is damaged`);
}

function unusable(message: string): CliError {
  const hint =
    'an export is JSON, or an age file with a passphrase (work factor at most 20); --from says what else it is';
  return new CliError('invalid_data', message, { hint });
}

/** By its first brace or bracket. An empty file counts as JSON. */
function looksLikeJson(text: string): boolean {
  return /^\s*(?:[{[]|$)/.test(text);
}

/** By the first line of the binary or of the text form (https://c2sp.org/age). */
export function looksLikeAge(text: string): boolean {
  return /^(?:age-encryption\.org\/|\s*-----BEGIN AGE )/.test(text);
}
