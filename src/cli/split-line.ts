import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Option, OptionTable } from '../commands/command.ts';

/**
 * Options that do not exist, but that people try in order to give a secret. One of them is `-secret`,
 * which would otherwise be read as `-s` with a value.
 */
export const SECRET_FLAG =
  /^--?(client[-_]?secret|certificate[-_]?password|passphrase|secret|password)(=|$)/i;

/** An option as somebody typed it. */
export interface GivenOption {
  /** Its long name; if there is no such option, what was typed without the dashes. */
  readonly name: string;
  /** What was typed, without the value: `-p`. */
  readonly typed: string;
  /** undefined if there is no such option. */
  readonly option: Option | undefined;
  readonly values: readonly string[];
  /** True if the first value was in the same word: `--profile=graph`, `-pgraph`. */
  readonly inline: boolean;
}

export interface SplitLine {
  readonly options: readonly GivenOption[];
  /** The words that are neither options nor values of options. */
  readonly words: readonly string[];
  /** True if the line contains `--`, after which there are no options. */
  readonly ended: boolean;
  /** The words that stand behind `--`. */
  readonly behind: readonly string[];
}

/**
 * Splits a line into options, their values and other words. Does not check whether they are valid.
 */
export function splitLine(argv: readonly string[], table: OptionTable): SplitLine {
  const known = listSpellings(table);
  const options: (GivenOption & { readonly values: string[] })[] = [];
  const words: string[] = [];
  const behind: string[] = [];
  let ended = false;
  const add = (typed: string, value?: string, inline = false) => {
    const { name = typed.replace(/^--?/, ''), option } = known.get(typed) ?? {};
    options.push({ name, typed, option, values: value === undefined ? [] : [value], inline });
  };
  for (const token of readTokens(argv, known)) {
    const word = argv[token.index] ?? '';
    if (token.kind === 'option') {
      const { rawName, value, inlineValue } = token;
      if (isUnreadable(word, known)) {
        add(word.split('=', 1)[0] ?? '', value, inlineValue);
      } else if (!inlineValue) {
        add(rawName, value === undefined ? undefined : argv[token.index + 1]);
      } else {
        // Node and Bun make the `=` of `-p=graph` part of the value
        add(rawName, rawName.startsWith('--') ? value : value?.replace(/^=/, ''), true);
      }
    } else if (token.kind === 'positional') {
      const last = ended ? undefined : options.at(-1);
      (last && lacksValues(last) ? last.values : words).push(word);
      if (ended) behind.push(word);
    } else {
      ended = true;
    }
  }
  return { options, words, ended, behind };
}

/** True if values of the option are still missing. */
export function lacksValues({ option, values }: GivenOption): boolean {
  return option !== undefined && option.type !== 'boolean' && values.length < (option.words ?? 1);
}

type Known = ReadonlyMap<string, { readonly name: string; readonly option: Option }>;

/** The options by all their spellings with dashes. */
function listSpellings(table: OptionTable): Known {
  const spell = (name: string) => (name.length === 1 ? `-${name}` : `--${name}`);
  const spellings = Object.entries(table).flatMap(([name, option]) =>
    [name, option.alias ?? []].flat(2).map((each) => [spell(each), { name, option }] as const),
  );
  return new Map(spellings);
}

/**
 * True for a word like `-client-secret`: it begins with one dash, and one of its letters is no option,
 * or it is the name of a secret.
 */
function isUnreadable(word: string, known: Known): boolean {
  if (!/^-[^-]/.test(word)) return false;
  if (SECRET_FLAG.test(word)) return true;
  for (const letter of word.slice(1)) {
    const option = known.get(`-${letter}`)?.option;
    if (option?.type !== 'boolean') return option === undefined;
  }
  return false;
}

function readTokens(argv: readonly string[], known: Known) {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [typed, { option }] of known) {
    const name = typed.replace(/^-+/, '');
    const type = option.type === 'boolean' ? 'boolean' : 'string';
    options[name] = { type, ...(name.length === 1 && { short: name }) };
  }
  const rules = { strict: false, allowPositionals: true, tokens: true } as const;
  // Node and Bun read such a word differently, letter by letter; as a long option it stays whole
  const args = argv.map((word) => (isUnreadable(word, known) ? `--${word}` : word));
  return parseArgs({ ...rules, args, options }).tokens;
}
