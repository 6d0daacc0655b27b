import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import helpPages from '../../src/cli/help-pages.json' with { type: 'json' };
import { readLine } from '../../src/cli/read-line.ts';
import { renderHelp } from '../../src/cli/yargs.ts';
import type { AnyCommand, Commands, Option } from '../../src/commands/command.ts';
import { GLOBAL_OPTIONS } from '../../src/commands/command.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { ROOT } from '../support/built-cli.ts';
import { type Reading, readAsJson } from '../support/read-lines.ts';

interface Case extends Reading {
  readonly argv: readonly string[];
}

const getToken = (args: object) => ({ command: 'get-token', args });
const graph = getToken({ profile: 'graph' });

const SPELLINGS: readonly Case[] = [
  { argv: ['get-token', '-p', 'graph'], ...graph },
  { argv: ['get-token', '-pgraph'], ...graph },
  { argv: ['get-token', '-p=graph'], ...graph },
  { argv: ['get-token', '--profile', 'graph'], ...graph },
  { argv: ['get-token', '--profile=graph'], ...graph },
  { argv: ['get-token', '-p==graph'], ...getToken({ profile: '=graph' }) },
  { argv: ['get-token', '--profile=a=b'], ...getToken({ profile: 'a=b' }) },
  { argv: ['get-token', '--claims', '{"a b":1}'], ...getToken({ claims: '{"a b":1}' }) },
  { argv: ['get-token', '-p', '"a"'], ...getToken({ profile: '"a"' }) },
  { argv: ['get-token', '-p', 'true'], ...getToken({ profile: 'true' }) },
  { argv: ['get-token', '-p', '0x10'], ...getToken({ profile: '0x10' }) },
  { argv: ['get-token', '-p', 'ü\n'], ...getToken({ profile: 'ü\n' }) },
  { argv: ['get-token', '-p', '__proto__'], ...getToken({ profile: '__proto__' }) },
  { argv: ['get-token', '--output=-x'], ...getToken({ output: '-x' }) },
  { argv: ['get-token', '-o-x'], ...getToken({ output: '-x' }) },
  { argv: ['get-token', '-o', '-'], ...getToken({ output: '-' }) },
  { argv: ['get-token', '--json', '--json'], ...getToken({ json: true }) },
  { argv: ['get-token', '-s', 'a', '--scope=b', '-sc'], ...getToken({ scope: ['a', 'b', 'c'] }) },
  { argv: ['get-token', '--'], ...getToken({}) },
  { argv: ['config', 'import', '-yf', 'a'], command: 'import', args: { yes: true, file: 'a' } },
  { argv: ['config', 'import', '-yfa'], command: 'import', args: { yes: true, file: 'a' } },
  { argv: ['config', 'import', '-yf=a'], command: 'import', args: { yes: true, file: 'a' } },
  { argv: ['config', 'create', '-n', 'a'], command: 'create', args: { name: 'a' } },
  { argv: ['config', 'create', '--profile=a'], command: 'create', args: { name: 'a' } },
  { argv: ['config', 'rename', 'a', 'b'], command: 'rename', args: { old: 'a', new: 'b' } },
  {
    argv: ['config', 'rename', '--', '-a', '-b'],
    command: 'rename',
    args: { old: '-a', new: '-b' },
  },
  { argv: ['config', 'default'], command: 'default', args: {} },
  { argv: ['config', 'default', 'a'], command: 'default', args: { name: 'a' } },
  { argv: ['inspect', '--diff', 'a', '-'], command: 'inspect', args: { diff: ['a', '-'] } },
  { argv: ['inspect', '--diff=a', 'b'], command: 'inspect', args: { diff: ['a', 'b'] } },
];

const exec = (args: object, ...program: string[]) => ({ command: 'exec', args, program });

const PROGRAMS: readonly Case[] = [
  { argv: ['exec', '--', 'a'], ...exec({}, 'a') },
  {
    argv: ['exec', '-pgraph', '--', 'a', '-p', 'b'],
    ...exec({ profile: 'graph' }, 'a', '-p', 'b'),
  },
  { argv: ['-p', 'graph', 'exec', '--', 'a'], ...exec({ profile: 'graph' }, 'a') },
  {
    argv: ['exec', '--', '--', '--help', '', '-x=y', '--lazy', '--', 'ü\n'],
    ...exec({}, '--', '--help', '', '-x=y', '--lazy', '--', 'ü\n'),
  },
  { argv: ['exec', '--env', 'A=b', '--env=C', '--', 'a'], ...exec({ env: ['A=b', 'C'] }, 'a') },
  { argv: ['exec', '--help', '--', 'a'], page: 'exec' },
];

const BEHIND = 'a program goes behind --: tokencli exec -p NAME -- PROGRAM';

const WITHOUT_PROGRAM: readonly Case[] = [
  { argv: ['exec'], mistake: BEHIND },
  { argv: ['exec', '--'], mistake: BEHIND },
  { argv: ['exec', '-p', 'a', 'ls'], mistake: BEHIND },
  { argv: ['exec', 'ls', '-l', '--all'], mistake: BEHIND },
  { argv: ['--', 'exec', 'ls'], mistake: BEHIND },
  { argv: ['exec', '-p', '--', 'ls'], mistake: '-p needs a value' },
  { argv: ['exec', '--bogus', '--', 'ls'], mistake: 'unknown: --bogus' },
  { argv: ['exec', 'ls', '--', '-l'], mistake: 'unknown: ls' },
];

const ORDERS: readonly Case[] = [
  { argv: ['-p', 'graph', 'get-token'], ...graph },
  { argv: ['-pgraph', 'get-token'], ...graph },
  { argv: ['--silent', 'get-token'], ...getToken({ silent: true }) },
  { argv: ['--debug', 'get-token', '--no-color'], ...getToken({ debug: true, 'no-color': true }) },
  {
    argv: ['--json', 'config', '-p', 'a', 'show'],
    command: 'show',
    args: { json: true, profile: 'a' },
  },
  { argv: ['config', '--verbose', 'list'], command: 'list', args: { verbose: true } },
];

const TEXTS: readonly Case[] = [
  { argv: ['--version'], version: true },
  { argv: ['get-token', '--version'], version: true },
  { argv: ['--help'], page: '' },
  { argv: ['--version', '--help'], page: '' },
  { argv: ['help'], page: '' },
  { argv: ['help', '--help'], page: 'help' },
  { argv: ['help', 'config', 'create'], page: 'config create' },
  { argv: ['config', '--help'], page: 'config' },
  { argv: ['--help', 'config', 'show'], page: 'config show' },
  { argv: ['get-token', '--bogus', 'extra', '--help'], page: 'get-token' },
];

const MISTAKES: readonly Case[] = [
  { argv: [], mistake: 'say what to do' },
  { argv: [''], mistake: 'unknown: ' },
  { argv: ['--silent'], mistake: 'say what to do' },
  { argv: ['config'], mistake: 'say what to do with config' },
  { argv: ['bogus'], mistake: 'unknown: bogus' },
  { argv: ['constructor'], mistake: 'unknown: constructor' },
  { argv: ['bogus', '--help'], mistake: 'unknown: bogus' },
  { argv: ['bogus', '--version'], mistake: 'unknown: bogus' },
  { argv: ['config', 'bogus', '--help'], mistake: 'unknown: bogus' },
  { argv: ['get-token', '--bogus'], mistake: 'unknown: --bogus' },
  { argv: ['get-token', '--bogus=a'], mistake: 'unknown: --bogus' },
  { argv: ['get-token', '-z'], mistake: 'unknown: -z' },
  { argv: ['get-token', '--p', 'a'], mistake: 'unknown: --p' },
  { argv: ['get-token', '-profile', 'a'], mistake: 'unknown: a' },
  { argv: ['get-token', '---profile', 'a'], mistake: 'unknown: ---profile' },
  { argv: ['get-token', '---help'], mistake: 'unknown: ---help' },
  { argv: ['get-token', '--no-silent'], mistake: 'unknown: --no-silent' },
  { argv: ['get-token', '--clientId', 'a'], mistake: 'unknown: --clientId' },
  { argv: ['get-token', '--__proto__'], mistake: 'unknown: --__proto__' },
  { argv: ['get-token', '--constructor=a'], mistake: 'unknown: --constructor' },
  { argv: ['get-token', 'a'], mistake: 'unknown: a' },
  { argv: ['get-token', '--', '-p'], mistake: 'unknown: -p' },
  { argv: ['get-token', '--json', 'true'], mistake: 'unknown: true' },
  { argv: ['get-token', '--json=true'], mistake: '--json takes no value' },
  { argv: ['get-token', '--json='], mistake: '--json takes no value' },
  { argv: ['config', 'import', '-y=1'], mistake: '-y takes no value' },
  { argv: ['config', 'import', '-y-f', 'a'], mistake: 'unknown: -y-f' },
  { argv: ['config', 'import', '-yf', '-y-'], mistake: '-f needs a value' },
  { argv: ['config', 'import', '-y-', '--help'], page: 'config import' },
  { argv: ['get-token', '--json', '-😀'], mistake: 'unknown: -😀' },
  { argv: ['get-token', '-client-id=a', 'b'], mistake: 'unknown: -client-id' },
  { argv: ['config', '-client', 'a'], mistake: 'unknown: -client' },
  { argv: ['config', 'rename', 'a'], mistake: '<new> is missing' },
  { argv: ['get-token', '-p'], mistake: '-p needs a value' },
  { argv: ['get-token', '--profile'], mistake: '--profile needs a value' },
  { argv: ['get-token', '-p', '-x'], mistake: '-p needs a value' },
  { argv: ['get-token', '-p', '--json'], mistake: '-p needs a value' },
  { argv: ['get-token', '-p', '--help'], mistake: '-p needs a value' },
  { argv: ['get-token', '-p', '--', 'a'], mistake: '-p needs a value' },
  { argv: ['get-token', '-p', ''], mistake: '--profile needs a value that is not empty' },
  { argv: ['get-token', '--profile='], mistake: '--profile needs a value that is not empty' },
  { argv: ['get-token', '-p='], mistake: '--profile needs a value that is not empty' },
  { argv: ['get-token', '-s', 'a', '-s', ''], mistake: '--scope needs a value that is not empty' },
  { argv: ['get-token', '-pa', '--profile=b'], mistake: '--profile was given twice' },
  { argv: ['config', 'create', '-na', '-pb'], mistake: '--name was given twice' },
  { argv: ['inspect', '--diff', 'a'], mistake: '--diff needs 2 values' },
  { argv: ['inspect', '--diff', 'a', '--json', 'b'], mistake: '--diff needs 2 values' },
  { argv: ['inspect', '--diff', 'a', '--', 'b'], mistake: '--diff needs 2 values' },
  { argv: ['inspect', '--diff', 'a', 'b', 'c'], mistake: 'unknown: c' },
  {
    argv: ['inspect', '--diff', 'a', 'b', '--diff', 'c', 'd'],
    mistake: '--diff was given twice',
  },
  { argv: ['consent', '--form', 'v3'], mistake: '--form is one of v1, v2' },
  { argv: ['completion', 'tcsh'], mistake: '<shell> is one of bash, zsh, fish, powershell' },
  { argv: ['completion'], mistake: '<shell> is missing' },
  { argv: ['config', 'rename', 'a'], mistake: '<new> is missing' },
  { argv: ['config', 'rename', '', 'b'], mistake: '<old> must not be empty' },
  { argv: ['config', 'rename', 'a', 'b', 'c'], mistake: 'unknown: c' },
  {
    // the one option that is a flag of one command and has a value with another
    argv: ['--unset', 'config', 'edit', '-p', 'a'],
    mistake: 'options of config edit go behind its name',
  },
];

const CASES = [...SPELLINGS, ...ORDERS, ...TEXTS, ...MISTAKES, ...PROGRAMS, ...WITHOUT_PROGRAM];

describe('the reader of a command line', () => {
  it.each(CASES)('reads $argv', ({ argv, ...reading }) => {
    expect(readAsJson(argv)).toEqual(reading);
  });

  const bun = join(ROOT, `node_modules/@oven/bun-${process.platform}-${process.arch}/bin/bun`);
  if (existsSync(bun)) {
    it('reads the same with Bun', () => {
      const { stdout, stderr } = spawnSync(bun, [join(ROOT, 'tests/support/read-lines.ts')], {
        input: JSON.stringify(CASES.map(({ argv }) => argv)),
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual(CASES.map(({ argv, ...reading }) => reading));
    });
  }

  it('finds every option by every spelling that its table has', () => {
    for (const { path, command } of listLeaves(COMMANDS)) {
      const options = Object.entries<Option>({ ...command.options, ...GLOBAL_OPTIONS });
      const places = Object.values<Option>(command.positionals ?? {}).map(
        ({ choices }) => choices?.[0] ?? 'word',
      );
      const behind = command.program ? ['--', 'program'] : [];
      for (const [name, { type, alias = [], choices, words = 1 }] of options) {
        const values = Array(words).fill(choices?.[0] ?? 'word');
        const [args, value] = type === 'boolean' ? [[], true] : [values, values[0]];
        for (const spelling of [name, alias].flat(2)) {
          const typed = spelling.length === 1 ? `-${spelling}` : `--${spelling}`;
          expect([
            typed,
            readAsJson([...path, ...places, typed, ...args, ...behind]).args,
          ]).toMatchObject([typed, { [name]: type === 'array' ? values : value }]);
        }
      }
    }
  });

  it('throws at nothing', () => {
    const options = listLeaves(COMMANDS).flatMap(({ command }) => Object.keys(command.options));
    const word = fc.oneof(
      fc.constantFrom('config', 'get-token', 'inspect', 'show', '--', '-', '', '=', '-y-f'),
      fc.constantFrom(...options).map((name) => `--${name}`),
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `-${text}`),
    );
    fc.assert(fc.property(fc.array(word, { maxLength: 6 }), (argv) => void readAsJson(argv)));
  });

  it.each([
    { argv: ['config', 'show', '-p', 'json', '--bogus'], given: ['profile', 'bogus'] },
    { argv: ['config', 'show', '-p', '--json', '--bogus'], given: ['profile', 'bogus'] },
    { argv: ['get-token', '--', '--json'], given: [] },
    { argv: ['logout', '--json'], given: ['json'] },
    { argv: ['bogus', '--silent', '--json'], given: ['silent', 'json'] },
  ])('knows which options were given in $argv, although it is wrong', ({ argv, given }) => {
    const line = readLine(argv, COMMANDS);
    expect(line.request).toHaveProperty('mistake');
    expect([...line.given.keys()]).toEqual(given);
  });
});

it('the pages of --help are what yargs makes of the commands', async () => {
  expect(helpPages).toEqual(await renderHelp(COMMANDS));
});

function listLeaves(entries: Commands, above: readonly string[] = []) {
  return entries.flatMap((entry): { path: readonly string[]; command: AnyCommand }[] => {
    const path = [...above, entry.name];
    return 'children' in entry ? listLeaves(entry.children, path) : [{ path, command: entry }];
  });
}
