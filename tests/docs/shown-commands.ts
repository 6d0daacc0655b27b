import type { Page } from './page.ts';

/** A command line of tokencli that a page shows. */
export interface ShownCommand {
  readonly place: string;
  /** The words behind `tokencli`. */
  readonly words: readonly string[];
}

/** One word of a shell, or one of the characters that end a command. */
const PART =
  /\\\n|[ \t]+|(?:"(?:\\.|[^"\\])*"|'[^']*'|\$\([^()]*\)|\\.|[^\s;&|<>()`"'\\])+|[\s\S]/g;
const ENDS = new Set(['\n', ';', '&', '|', ')', '`', '<', '>']);

/** Commands in the blocks of a page, whatever their language; not a mere `command: tokencli`. */
export function commandsInBlocks({ path, blocks }: Page): readonly ShownCommand[] {
  return blocks.flatMap(({ line, lines }) => {
    const text = lines.map((each) => each.replace(/(^|\s)#.*$/, '$1')).join('\n');
    const found = [...text.matchAll(/(?<![\w./~-])tokencli(?=[ \n]|$)/g)].map(({ index }) => ({
      place: `${path}:${line + text.slice(0, index).split('\n').length - 1}`,
      words: readWords(text.slice(index + 'tokencli'.length)),
    }));
    return found.filter(({ words }) => words.length > 0);
  });
}

/** Code in the prose of a page: `--silent`, `tokencli doctor`. */
export function codeInProse({ path, prose }: Page): readonly { place: string; text: string }[] {
  return [...prose].flatMap(([line, text]) =>
    [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => ({
      place: `${path}:${line}`,
      text: code,
    })),
  );
}

/** @returns the words of a shell's line up to the end of the command */
export function readWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const [part] of text.matchAll(PART)) {
    if (part === '>' && /^\d$/.test(words.at(-1) ?? '')) words.pop(); // 2>/dev/null
    if (ENDS.has(part)) break;
    if (part.trim() === '' || part === '\\\n') continue;
    words.push(part.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, '$1$2$3'));
  }
  return words;
}
