import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Option, OptionTable } from '../commands/command.ts';

/** An option as somebody typed it. */
export interface GivenOption {
  /** Its long name, or what was typed without the dashes if there is no such option. */
  readonly name: string;
  /** As it was typed, without a value: `-p`. */
  readonly typed: string;
  /** Absent if there is no such option. */
  readonly option: Option | undefined;
  readonly values: readonly string[];
  /** The first value stands in the same word: `--profile=graph`, `-pgraph`. */
  readonly inline: boolean;
}

export interface SplitLine {
  readonly options: readonly GivenOption[];
  /** What is neither an option nor its value, in order. */
  readonly words: readonly string[];
  /** Whether a `--` said that no option follows. */
  readonly ended: boolean;
  /** The same line as yargs reads it, which takes `-pgraph` for six options. */
  readonly spelled: readonly string[];
}

/** Says which words of a line are options, values of options, or neither; judges nothing. */
export function splitLine(argv: readonly string[], table: OptionTable): SplitLine {
  const known = listSpellings(table);
  const options: (GivenOption & { readonly values: string[] })[] = [];
  const words: string[] = [];
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
      // Bun says `--` for the second dash of `-y-f`
      const typed = rawName === '--' ? word : rawName;
      // both take the `=` of `-p=graph` for a part of the value
      const text = inlineValue && !typed.startsWith('--') ? value?.replace(/^=/, '') : value;
      add(typed, text, inlineValue);
    } else if (token.kind === 'positional') {
      const last = ended ? undefined : options.at(-1);
      (last && lacksValues(last) ? last.values : words).push(token.value);
      spelled.push(token.value);
    } else if (word === '--') {
      ended = true;
      spelled.push(word);
    } else {
      // Node takes the second dash of `-y-f` for the end of the options
      add(word);
    }
  }
  return { options, words, ended, spelled };
}

export function lacksValues({ option, values }: GivenOption): boolean {
  return option !== undefined && option.type !== 'boolean' && values.length < (option.words ?? 1);
}

/** Each option by what is typed for it. */
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
