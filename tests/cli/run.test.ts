import { describe, expect, it } from '@jest/globals';
import { type GlobalOptions, run } from '../../src/cli/run.ts';
import { EXIT_CODES } from '../../src/core/errors.ts';
import type { App, Io } from '../../src/core/ports.ts';
import { RESOURCES } from '../../src/entra/resources.ts';
import { createLog } from '../../src/output/log.ts';

const cli = (...argv: string[]) => cliUntil(new Promise<never>(() => {}), ...argv);

async function cliUntil(stopped: Promise<never>, ...argv: string[]) {
  let out = '';
  let err = '';
  let globals: GlobalOptions | undefined;
  let ended = 0;
  const io = {
    writeStdout: async (text: string) => {
      out += text;
    },
    writeStderr: (text: string) => {
      err += text;
    },
  } as unknown as Io;
  const code = await run(
    argv,
    async (options) => {
      globals = options;
      const log = createLog(io, { ...options, interactive: false });
      return { io, log, version: '9.8.7', end: async () => void ended++ } as unknown as App;
    },
    stopped,
  );
  return { code, out, err, globals, ended };
}

it('--version prints the version alone', async () => {
  expect(await cli('--version')).toMatchObject({ code: 0, out: '9.8.7\n', err: '' });
});

it('--help goes to stdout, fits 80 columns and names every command', async () => {
  const { code, out, err } = await cli('--help');
  expect([code, err]).toEqual([0, '']);
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  for (const name of ['get-token', 'inspect', 'help']) expect(out).toContain(`tokencli ${name}`);
});

it('a command that can never end is a failure', async () => {
  const stopped = Promise.reject(new Error('it stopped'));
  const { code, out, err, ended } = await cliUntil(stopped, 'help');
  expect({ code, out, ended }).toEqual({ code: 1, out: '', ended: 1 });
  expect(err).toMatch(/^tokencli: unexpected: it stopped\n/);
});

it('help alone is --help', async () => {
  expect((await cli('help')).out).toBe((await cli('--help')).out);
});

it('help exit-codes prints the table of the code', async () => {
  const { code, out } = await cli('help', 'exit-codes');
  expect(code).toBe(0);
  const rows = out.trimEnd().split('\n');
  expect(rows.map((row) => row.trim().split(/\s+/).slice(0, 2))).toEqual(
    Object.entries(EXIT_CODES).map(([name, { code: number }]) => [String(number), name]),
  );
});

it('help resources prints a row for each short name, with a column per cloud', async () => {
  const { code, out } = await cli('help', 'resources');
  expect(code).toBe(0);
  const [title = '', ...rows] = out.trimEnd().split('\n');
  expect(title.split(/\s+/).slice(0, 4)).toEqual(['NAME', 'PUBLIC', 'USGOV', 'CHINA']);
  expect(rows.map((row) => row.split(/\s{2,}/)[0])).toEqual(RESOURCES.map(({ name }) => name));
  expect(rows.find((row) => row.startsWith('devops'))).toMatch(
    /^devops +499b84ac-\S+ +- +- +Azure/,
  );
});

describe('wrong usage is exit 2, one line and a hint, and nothing on stdout', () => {
  it.each([
    [[], 'say what to do', 'tokencli --help'],
    [['bogus'], 'unknown: bogus', 'tokencli --help'],
    [['get-tokn'], 'did you mean get-token?', 'tokencli --help'],
    [['get-tokn', '--help'], 'did you mean get-token?', 'tokencli --help'],
    [['no-such-command', '--version'], 'unknown: no-such-command', 'tokencli --help'],
    [['get-token', '--foo'], 'unknown: --foo', 'tokencli get-token --help'],
    [['get-token', '-pgraph', '--foo'], 'unknown: --foo', 'tokencli get-token --help'],
    [['get-token', '--silent=true'], '--silent takes no value', 'tokencli get-token --help'],
    [['config', 'show', '-p', 'json', '--foo'], 'unknown: --foo', 'tokencli config show --help'],
    [['get-token', '--foo=bar'], 'unknown: --foo', 'tokencli get-token --help'],
    [['get-token', '-p'], '-p needs a value', 'tokencli get-token --help'],
    [['get-token', '-p', 'a', '-p', 'b'], '--profile was given twice', 'tokencli get-token --help'],
    [
      ['get-token', '-p', ''],
      '--profile needs a value that is not empty',
      'tokencli get-token --help',
    ],
    [['get-token', 'extra'], 'unknown: extra', 'tokencli get-token --help'],
    [['config', 'rename', '--', 'a', 'b', 'c'], 'unknown: c', 'tokencli config rename --help'],
    [['get-token', '--', 'extra'], 'unknown: extra', 'tokencli get-token --help'],
    [['get-token', '--no-silent'], 'unknown: --no-silent', 'tokencli get-token --help'],
    [['config', 'create', '--foo'], 'unknown: --foo', 'tokencli config create --help'],
    [
      ['config', 'create', '--name', ''],
      '--name needs a value that is not empty',
      'tokencli config create --help',
    ],
    [['config', 'bogus'], 'unknown: bogus', 'tokencli config --help'],
  ])('%j', async (argv, message, hint) => {
    expect(await cli(...argv)).toMatchObject({
      code: 2,
      out: '',
      err: `tokencli: ${message}\n  try: ${hint}\n`,
    });
  });

  it('is one JSON object with --json', async () => {
    const { code, out, err } = await cli('get-token', '--json', '--foo');
    expect([code, out]).toEqual([2, '']);
    expect(JSON.parse(err)).toEqual({
      code: 'usage',
      exitCode: 2,
      message: 'unknown: --foo',
      hint: 'tokencli get-token --help',
      retryable: false,
    });
  });

  it.each([
    ['--client-secret', 'client-secret'],
    ['-client-secret', 'client-secret'],
    ['--clientSecret', 'client-secret'],
    ['-secret', 'client-secret'],
    ['-passphrase', 'passphrase'],
    ['--certificate_password', 'certificate-password'],
  ])('never repeats what stands behind %s', async (typed, kind) => {
    for (const words of [[typed, 'hunter2'], [`${typed}=hunter2`]]) {
      expect((await cli('config', 'edit', ...words)).err).toBe(
        `tokencli: no option takes the value of a secret: ${typed} would show it\n` +
          `  try: hand it over with --${kind}-stdin, --${kind}-file or --${kind}-env\n`,
      );
    }
  });

  it.each([['--key'], ['-key'], ['-cs']])(
    'shows %s without what stands behind it',
    async (typed) => {
      for (const words of [[typed, 'hunter2'], [`${typed}=hunter2`]]) {
        for (const command of [['get-token'], ['config'], ['config', 'edit'], []]) {
          const { code, err } = await cli(...command, ...words);
          expect(code).toBe(2);
          expect(err).toMatch(/: (unknown: -\S+|say what to do.*)\n/);
          expect(err).not.toContain('hunter2');
        }
      }
    },
  );
});

it('ends what the run opened, also when it failed', async () => {
  expect(await cli('help', 'exit-codes')).toMatchObject({ ended: 1 });
  expect(await cli('get-token', '--min-ttl', 'x')).toMatchObject({ ended: 1 });
});

it.each([
  [['--debug'], 'debug'],
  [['--verbose'], 'verbose'],
  [[], 'normal'],
])('%j sets the verbosity', async (flags, verbosity) => {
  const { globals } = await cli('help', 'exit-codes', ...flags);
  expect(globals).toMatchObject({ silent: false, json: false, color: true, verbosity });
});
