import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Option, OptionTable } from '../commands/command.ts';

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
  /**
   * The same line for yargs, with `-p=graph` instead of `-pgraph`, which yargs reads as six
   * options.
   */
  readonly spelled: readonly string[];
}

/**
 * Splits a line into options, their values and other words. Does not check whether they are valid.
 */
export function splitLine(argv: readonly string[], table: OptionTable): SplitLine {
  const known = listSpellings(table);
  const options: (GivenOption & { readonly values: string[] })[] = [];
  const words: string[] = [];
  const behind: string[] = [];
  const spelled: string[] = [];
  let ended = false;
  const add = (typed: string, value?: string, inline = false) => {
    const { name = typed.replace(/^--?/, ''), option } = known.get(typed) ?? {};
    options.push({ name, typed, option, values: value === undefined ? [] : [value], inline });
    spelled.push(...(inline ? [`${typed}=${value}`] : [typed, value ?? []].flat()));
  };
  for (const token of readTokens(argv, [...known])) {
    const word = argv[token.index] ?? '';
    if (token.kind === 'option') {
      const { rawName, value, inlineValue } = token;
      // for `-y-f`, Bun reports an option named `--`
      const typed = rawName === '--' ? word : rawName;
      // Node and Bun make the `=` of `-p=graph` part of the value
      const text = inlineValue && !typed.startsWith('--') ? value?.replace(/^=/, '') : value;
      add(typed, text, inlineValue);
    } else if (token.kind === 'positional') {
      const last = ended ? undefined : options.at(-1);
      (last && lacksValues(last) ? last.values : words).push(token.value);
      if (ended) behind.push(token.value);
      spelled.push(token.value);
    } else if (word === '--') {
      ended = true;
      spelled.push(word);
    } else {
      // for `-y-f`, Node reports the end of the options
      add(word);
    }
  }
  return { options, words, ended, behind, spelled };
}

/** True if values of the option are still missing. */
export function lacksValues({ option, values }: GivenOption): boolean {
  return option !== undefined && option.type !== 'boolean' && values.length < (option.words ?? 1);
}

/** The options by all their spellings with dashes. */
function listSpellings(table: OptionTable) {
  const spell = (name: string) => (name.length === 1 ? `-${name}` : `--${name}`);
  const spellings = Object.entries(table).flatMap(([name, option]) =>
    [name, option.alias ?? []].flat(2).map((each) => [spell(each), { name, option }] as const),
  );
  return new Map(spellings);
}

function readTokens(
  argv: readonly string[],
  spellings: readonly (readonly [typed: string, { readonly option: Option }])[],
) {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [typed, { option }] of spellings) {
    const name = typed.replace(/^-+/, '');
    const type = option.type === 'boolean' ? 'boolean' : 'string';
    options[name] = { type, ...(name.length === 1 && { short: name }) };
  }
  const rules = { strict: false, allowPositionals: true, tokens: true } as const;
  return parseArgs({ ...rules, args: [...argv], options }).tokens;
}
