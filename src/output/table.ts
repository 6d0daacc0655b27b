import { cleanText } from './terminal-text.ts';

/** Aligns rows as columns, two spaces apart. Each row ends with a newline. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(cleanText));
  const widths = (clean[0] ?? []).map((_, column) =>
    Math.max(...clean.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return clean.map((row) => `${line(row).trimEnd()}\n`).join('');
}
