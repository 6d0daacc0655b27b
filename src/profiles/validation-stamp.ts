import { createHash } from 'node:crypto';
import { writePrivateFile } from '../core/private-file.ts';
import { tryReadPrivate } from '../core/private-read.ts';

declare const TOKENCLI_VERSION: string;

const LONGEST = 256;

/**
 * Remembers that a profiles.json was found valid, so that the next call need not load what validates:
 * a digest of its very bytes and of the version that has the rules. Whoever can write the note can write the profiles.
 */
export interface ValidationStamp {
  isAbout(bytes: Uint8Array): boolean;
  /** Never fails: without a note the next call validates again. */
  keep(bytes: Uint8Array): void;
}

export function openValidationStamp(path: string): ValidationStamp {
  return {
    isAbout: (bytes) => {
      const note = tryReadPrivate(path, LONGEST);
      return Buffer.isBuffer(note) && note.toString('latin1') === textOf(bytes);
    },
    keep: (bytes) => {
      try {
        writePrivateFile(path, textOf(bytes));
      } catch {
        // a folder that cannot be written to is no reason to refuse a token
      }
    },
  };
}

function textOf(bytes: Uint8Array): string {
  return `${createHash('sha256').update(`${TOKENCLI_VERSION}\n`).update(bytes).digest('hex')}\n`;
}
