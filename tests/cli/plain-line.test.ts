import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseLine, renderHelp } from '../../src/cli/parser.ts';
import { readPlainLine } from '../../src/cli/plain-line.ts';
import {
  type AnyCommand,
  type CommandGroup,
  GLOBAL_OPTIONS,
  type OptionTable,
} from '../../src/commands/command.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { builtCli } from '../support/built-cli.ts';

const VERSION = '9.8.7';
const VALUES = [
  ...['app', 'a=b', 'a b', '1.50', '0x10', 'true', 'false', 'null', '-', '--', '-x', '', '{"a":1}'],
  ...['"quoted"', "'quoted'", 'public', 'sha1', 'a.b.c', 'ü', '__proto__', 'two\nlines', '[x]'],
];
const STRANGERS = ['--unknown', '-z', '--no-silent', '--__proto__', '--help', '--version', '---p'];

interface Leaf {
  readonly path: readonly string[];
  readonly command: AnyCommand;
}

const leaves = listLeaves(COMMANDS, []);

function listLeaves(entries: readonly (AnyCommand | CommandGroup)[], above: string[]): Leaf[] {
  return entries.flatMap((entry) => {
    const path = [...above, entry.command.split(' ')[0] ?? ''];
    return 'children' in entry ? listLeaves(entry.children, path) : [{ path, command: entry }];
  });
}

/** Options of the command in every spelling, mostly with a value where they want one. */
function lines({ path, command }: Leaf): fc.Arbitrary<string[]> {
  const options = Object.entries<OptionTable[string]>({ ...GLOBAL_OPTIONS, ...command.options });
  const spellings = options.flatMap(([name, { type, alias = [] }]) =>
    [name, ...[alias].flat()].map((word) => ({
      word: word.length === 1 ? `-${word}` : `--${word}`,
      takes: type !== 'boolean',
    })),
  );
  const value = fc.constantFrom(...VALUES);
  const option = fc
    .tuple(fc.constantFrom(...spellings), value, fc.nat(9))
    .map(([{ word, takes }, text, how]) => {
      if (how === 0) return takes ? [word] : [word, text];
      if (how < 4) return takes ? [`${word}=${text}`] : [word];
      return takes ? [word, text] : [word];
    });
  const places = Object.keys(command.positionals ?? {}).length;
  const odd = fc.oneof(value, fc.constantFrom(...STRANGERS)).map((word) => [word]);
  const part = fc.oneof({ weight: 6, arbitrary: option }, { weight: 1, arbitrary: odd });
  return fc
    .tuple(fc.array(value, { maxLength: places }), fc.array(part, { maxLength: 4 }))
    .map(([words, parts]) => [...path, ...words, ...parts.flat()]);
}

async function readByYargs(argv: readonly string[]): Promise<unknown> {
  try {
    const call = await parseLine(argv, VERSION);
    return 'command' in call ? described(call.command, call.args) : 'a text';
  } catch {
    return 'a mistake';
  }
}

function described({ command, options, positionals }: AnyCommand, args: object) {
  const names = Object.keys({ ...GLOBAL_OPTIONS, ...options, ...positionals });
  const given = names.map((name) => [name, (args as Record<string, unknown>)[name]]);
  return [command, given.filter(([, value]) => value !== undefined)];
}

describe('the reader of plain lines', () => {
  it('reads a line as yargs does, or leaves it', async () => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...leaves).chain(lines), async (argv) => {
        const plain = readPlainLine(argv, COMMANDS);
        if (!plain) return;
        read += 1;
        expect(described(plain.command, plain.args)).toEqual(await readByYargs(argv));
      }),
      { numRuns: Number(process.env['TOKENCLI_TEST_RUNS'] ?? 800) },
    );
    expect(read).toBeGreaterThan(100);
  }, 3_600_000);

  it.each([
    ['get-token -p app --silent --scope a --scope=b --json'],
    ['inspect'],
    ['discover -f token.txt --min-ttl 5m --json'],
    ['config create --profile app --cloud usgov --client-secret-stdin'],
    ['config list --no-color --debug'],
    ['config rename old new'],
  ])('reads %s', async (line) => {
    const argv = line.split(' ');
    const plain = readPlainLine(argv, COMMANDS);
    expect(plain && described(plain.command, plain.args)).toEqual(await readByYargs(argv));
  });

  it('knows positionals', () => {
    const place = { type: 'string', describe: 'a place' } as const;
    const move: AnyCommand = {
      command: 'move <from> [to]',
      describe: 'move',
      options: {},
      positionals: { from: place, to: { ...place, choices: ['there'] } },
      run: async () => ({ stdout: '' }),
    };
    const read = (...words: string[]) => readPlainLine(['move', ...words], [move])?.args;
    expect(read('here')).toEqual({ from: 'here' });
    expect(read('here', 'there')).toEqual({ from: 'here', to: 'there' });
    for (const words of [[], ['a', 'b'], ['a', 'there', 'c'], ['-a'], ['true']]) {
      expect(read(...words)).toBeUndefined();
    }
  });
});

it('--help answers with the pages that yargs would print now', async () => {
  const built = join(dirname(await builtCli()), 'help.json');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const pages = await renderHelp(version);
  expect(JSON.parse(readFileSync(built, 'utf8'))).toEqual(pages);
  expect(Object.keys(pages).length).toBeGreaterThan(leaves.length);
});
