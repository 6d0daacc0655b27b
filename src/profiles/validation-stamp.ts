import { createHash } from 'node:crypto';
import { attempt } from '../core/attempt.ts';
import { writePrivateFile } from '../core/files/private-file.ts';
import { tryReadPrivate } from '../core/files/private-read.ts';

declare const TOKENCLI_VERSION: string;

const LONGEST = 256;
/** Raise it when the rules change but the version does not: old stamps must then not count. */
const RULES_VERSION = 3;

/*
 * The stamp remembers that a content of profiles.json was found valid, so that later calls need not
 * load zod to validate it again. The file holds a hash of the content, of tokencli's version and of
 * `RULES_VERSION`. It is as trustworthy as profiles.json itself: the same user writes both.
 */

/** True if exactly this content was found valid by this version. @param path of the stamp */
export function isStamped(path: string, bytes: Uint8Array): boolean {
  const stamp = tryReadPrivate(path, LONGEST);
  return Buffer.isBuffer(stamp) && stamp.toString('latin1') === stampOf(bytes);
}

/** Remembers this content. Never fails: without the file the next call validates again. */
export function writeStamp(path: string, bytes: Uint8Array): void {
  attempt(() => writePrivateFile(path, stampOf(bytes)));
}

function stampOf(bytes: Uint8Array): string {
  return `${createHash('sha256').update(`${TOKENCLI_VERSION} ${RULES_VERSION}\n`).update(bytes).digest('hex')}\n`;
}
