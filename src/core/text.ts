import { attempt } from './attempt.ts';

/**
 * Text that somebody else wrote: UTF-8 with or without a byte order mark, or UTF-16 in either order
 * with one, as PowerShell's `>` writes it. The mark is not part of the text.
 * @returns undefined if the bytes are neither
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  return attempt(() => new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes));
}

/**
 * The same, but bytes in another encoding are read as Latin-1. For formats whose syntax is ASCII, in
 * which it does not matter what other letters become.
 */
export function decodeAnyText(bytes: Uint8Array): string {
  return decodeText(bytes) ?? Buffer.from(bytes).toString('latin1');
}

/**
 * Removes a byte order mark and one line end: editors, shells and files of variables add them to a
 * value, and they are not part of it. A shell that reads a `.env` with CRLF removes only the LF.
 */
export function withoutLineEnd(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/(?:\r?\n|\r)$/, '');
}

/** For a name from a file, which may have any length. */
export function shorten(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
