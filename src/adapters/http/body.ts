import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { CliError, systemCode } from '../../core/errors.ts';
import { parseJsonObject } from '../../core/json.ts';
import { readStream } from '../../core/read-stream.ts';
import { decodeAnyText } from '../../core/text.ts';

/** Bytes. */
const LARGEST_ANSWER = 1024 * 1024;
const LIMIT = { maxOutputLength: LARGEST_ANSWER };

/**
 * Reads the whole response as text.
 * @throws CliError network if it is too large, also when decompressed, or cannot be decompressed
 */
export async function readBody(response: IncomingMessage): Promise<string> {
  const named = (response.headers['content-encoding'] ?? '').toLowerCase().split(',');
  const encodings = named.map((name) => name.trim()).filter(Boolean);
  const bytes = await readStream(response, LARGEST_ANSWER);
  if (bytes === undefined) throw tooLarge();
  if (bytes.length === 0) return '';
  const text = decodeAnyText(bytes);
  // some servers and proxies name an encoding that the body does not have, such as `utf-8`
  if (encodings.length === 0 || parseJsonObject(text)) return text;
  // encodings are named in the order in which they were applied (RFC 9110 section 8.4)
  return decodeAnyText(encodings.reduceRight((left, name) => decompress(name, left), bytes));
}

/** Requests ask for no compression, but some proxies compress all the same. */
function decompress(encoding: string, bytes: Buffer): Buffer {
  try {
    if (encoding === 'identity') return bytes;
    if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipSync(bytes, LIMIT);
    if (encoding === 'br') return brotliDecompressSync(bytes, LIMIT);
    if (encoding === 'deflate') return inflate(bytes);
  } catch (cause) {
    if (systemCode(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new CliError('network', `the answer is damaged: it is not ${encoding}`, { cause });
  }
  const name = encoding.replace(/[^\w-]/g, '?').slice(0, 40);
  throw new CliError('network', `the answer is packed in a way that is not known: ${name}`);
}

/** Some servers leave out the header of zlib (RFC 9110 section 8.4.1.2). */
function inflate(bytes: Buffer): Buffer {
  const hasHeader = ((bytes[0] ?? 0) & 0x0f) === 8;
  return hasHeader ? inflateSync(bytes, LIMIT) : inflateRawSync(bytes, LIMIT);
}

function tooLarge(): CliError {
  return new CliError('network', 'the answer is larger than 1 MiB');
}
