import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/built-cli.ts';

/** A fenced block of a page. */
export interface Block {
  /** What stands behind the fence: `sh`, `json`, …; empty if nothing does. */
  readonly language: string;
  /** Number of its first line in the page, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
  /** Why it is not run: `<!-- not run: … -->` in the line before the fence. */
  readonly notRun: string | undefined;
}

export interface Page {
  /** From the root of the repository: `docs/tokens.md`. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly blocks: readonly Block[];
  /** The lines outside of blocks, by number from 1. */
  readonly prose: ReadonlyMap<number, string>;
}

const FENCE = /^( *)```([\w-]*)$/;
const NOT_RUN = /^ *<!-- not run: (.+) -->$/;

/** README.md, docs/*.md and what else explains the repository to people. */
export function readPages(): readonly Page[] {
  const inFolder = (folder: string) =>
    existsSync(join(ROOT, folder))
      ? readdirSync(join(ROOT, folder))
          .filter((name) => name.endsWith('.md'))
          .map((name) => join(folder, name))
      : [];
  return [...inFolder(''), ...inFolder('docs')].sort().map(readPage);
}

function readPage(path: string): Page {
  const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
  const blocks: Block[] = [];
  const prose = new Map<number, string>();
  for (let at = 0; at < lines.length; at++) {
    const [, indent, language = ''] = FENCE.exec(lines[at] ?? '') ?? [];
    if (indent === undefined) {
      prose.set(at + 1, lines[at] ?? '');
      continue;
    }
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    if (end === -1) throw new Error(`${path}:${at + 1}: the block has no end`);
    const inside = lines.slice(at + 1, end).map((line) => line.slice(indent.length));
    const notRun = NOT_RUN.exec(lines[at - 1] ?? '')?.[1];
    blocks.push({ language, line: at + 2, lines: inside, notRun });
    at = end;
  }
  return { path, lines, blocks, prose };
}

/**
 * What somebody types who follows the page from its top to its end. Each line has the number that it
 * has in the page, so that bash names the place of a failure.
 */
export function scriptOf({ lines, blocks }: Page): string | undefined {
  const run = blocks.filter(({ language, notRun }) => language === 'sh' && notRun === undefined);
  if (run.length === 0) return undefined;
  const script = lines.map(() => '');
  for (const block of run) script.splice(block.line - 1, block.lines.length, ...block.lines);
  script[0] = `set -eEo pipefail; trap 'echo "line $LINENO failed: $BASH_COMMAND" >&2' ERR`;
  return script.join('\n');
}
