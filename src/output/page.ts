import { describeDuration } from '../core/duration.ts';
import type { Style } from '../core/ports.ts';
import { describeDate, describeExpiry } from './dates.ts';
import { cleanText } from './terminal-text.ts';

/**
 * A label and the lines beside it. `undefined` lines are left out, and so is a row without lines.
 */
export type Row = readonly [label: string, ...lines: (string | undefined)[]];

const LABEL_WIDTH = 11;
const WIDTH = 80;

/** Formats a title and rows. Texts are made safe for a terminal and wrapped at 80 columns. */
export function page(title: string, rows: readonly Row[], style?: Style): string {
  const bold = style?.bold ?? ((text: string) => text);
  const dim = style?.dim ?? ((text: string) => text);
  const out = [bold(cleanText(title))];
  for (const [label, ...texts] of rows) {
    const lines = texts
      .filter((text) => text !== undefined)
      .flatMap((text) => fold(text, WIDTH - LABEL_WIDTH));
    lines.forEach((line, index) => {
      const name = (index === 0 ? label : '').padEnd(LABEL_WIDTH);
      out.push(`${dim(name)}${line}`);
    });
  }
  return `${out.join('\n')}\n`;
}

/** Breaks a text between its words. Makes it safe for a terminal. */
export function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of cleanText(text).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

/** The dates of a token as rows. All times are in seconds since the epoch. */
export function timeRows(
  times: Readonly<Record<'issuedAt' | 'notBefore' | 'expiresOn', number | undefined>>,
  now: number,
): Row[] {
  const { issuedAt, notBefore, expiresOn } = times;
  const life = issuedAt !== undefined && expiresOn !== undefined ? expiresOn - issuedAt : undefined;
  return [
    ['Issued', issuedAt === undefined ? undefined : describeDate(issuedAt)],
    [
      'Not before',
      notBefore === undefined || notBefore <= now ? undefined : describeDate(notBefore),
    ],
    [
      'Expiry',
      expiresOn === undefined ? 'it names none' : describeExpiry(expiresOn, now),
      life === undefined ? undefined : `made for ${describeDuration(life)}`,
    ],
  ];
}
