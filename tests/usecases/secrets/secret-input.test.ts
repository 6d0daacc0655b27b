import { execFileSync, spawn } from 'node:child_process';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { CliError } from '../../../src/core/errors.ts';
import { readSecret } from '../../../src/usecases/secrets/secret-input.ts';
import { createTestApp } from '../../support/test-app.ts';

const test = createTestApp();
afterAll(() => test.remove());

const NAME = 'client-secret';

/** The flags of a command line, by the ends of their names. */
const by = (flags: object) =>
  Object.fromEntries(Object.entries(flags).map(([way, value]) => [`${NAME}-${way}`, value]));

/** The same bytes by file and by stdin. */
async function both(content: string | Buffer) {
  const file = test.file('secret', content);
  const byFile = await readSecret(test.app(), NAME, by({ file }));
  const byStdin = await readSecret(test.app({ stdin: content }), NAME, by({ stdin: true }));
  expect(byStdin).toBe(byFile);
  return byFile;
}

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

it.each<[string, string | Buffer, string]>([
  ['as it is', 'abc', 'abc'],
  ['one newline goes', 'abc\n', 'abc'],
  ['with a carriage return', 'abc\r\n', 'abc'],
  ['a second one stays', 'abc\n\n', 'abc\n'],
  ['inner and outer space stays', '  a b\tc  \n', '  a b\tc  '],
  ['a byte order mark goes', '\ufeffabc', 'abc'],
  ['UTF-16, little end first', utf16('äbc\r\n'), 'äbc'],
  ['UTF-16, big end first', utf16('äbc').swap16(), 'äbc'],
  ['beginning with a hyphen', '-p --force', '-p --force'],
  ['every sign of a secret', `~!@#$%^&*()_+"'\\\`{}[]<>?/é€`, `~!@#$%^&*()_+"'\\\`{}[]<>?/é€`],
])('%s', async (_, content, secret) => {
  expect(await both(content)).toBe(secret);
});

it.each<[string, string | Buffer, string]>([
  ['nothing', '', 'usage'],
  ['a newline', '\n', 'usage'],
  ['a byte order mark', '\ufeff\r\n', 'usage'],
  ['white space', '  \n', 'usage'],
  ['no UTF-8', Buffer.from([0xc3, 0x28]), 'invalid_data'],
  ['UTF-16 without a mark', Buffer.from('abc', 'utf16le'), 'invalid_data'],
])('%s is no secret', async (_, content, code) => {
  await expect(both(content)).rejects.toMatchObject({ code });
});

describe('from the environment', () => {
  const app = (env: Record<string, string>) => test.app({ env });

  it('by the name of the variable', async () => {
    expect(await readSecret(app({ MINE: '-x y\n' }), NAME, by({ env: 'MINE' }))).toBe('-x y');
  });

  it.each([[{}], [{ MINE: '' }]])('%j: not set or empty', async (env: Record<string, string>) => {
    await expect(readSecret(app(env), NAME, by({ env: 'MINE' }))).rejects.toMatchObject({
      code: 'usage',
      message: 'the environment variable that --client-secret-env names is not set or empty',
    });
  });
});

it('a value in the place of a name or a path is not shown', async () => {
  const value = 'Sesame-open-7';
  for (const flags of [{ env: value }, { file: value }, { file: `${value}/../..` }]) {
    const error = await readSecret(test.app(), NAME, by(flags)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: expect.stringContaining(`--${NAME}-`) });
    expect(error).toMatchObject({ details: { hint: expect.stringContaining('not a value') } });
    const { message, details } = error as CliError;
    expect(`${message} ${details.hint}`).not.toContain('Sesame');
  }
});

it('no flag, no secret', async () => {
  expect(await readSecret(test.app(), NAME, {})).toBeUndefined();
});

it('two flags contradict', async () => {
  const both = readSecret(test.app(), NAME, by({ stdin: true, env: 'X' }));
  await expect(both).rejects.toMatchObject({ code: 'usage' });
});

it.each([
  ['nowhere', 'a file that is not there'],
  ['.', 'a folder'],
])('%s: %s', async (file) => {
  await expect(readSecret(test.app(), NAME, by({ file }))).rejects.toMatchObject({
    code: 'invalid_data',
  });
});

it('a file that is too large is no secret', async () => {
  const file = test.file('large', 'x'.repeat(64 * 1024 + 1));
  await expect(readSecret(test.app(), NAME, by({ file }))).rejects.toMatchObject({
    code: 'invalid_data',
  });
});

it('a device without end is too large', async () => {
  await expect(readSecret(test.app(), NAME, by({ file: '/dev/zero' }))).rejects.toMatchObject({
    code: 'invalid_data',
  });
});

it('a pipe is read until its writer is done', async () => {
  const file = `${test.file('beside', '')}.fifo`;
  execFileSync('mkfifo', [file]);
  // opened for both ways it does not wait for the reader, so the order of the two is certain
  const words = 'exec 3<>"$1"; echo ready; sleep 0.2; printf part >&3; sleep 0.2; printf ed >&3';
  const writer = spawn('sh', ['-c', words, 'sh', file], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => writer.stdout.once('data', resolve));
  expect(await readSecret(test.app(), NAME, by({ file }))).toBe('parted');
});

it('on a terminal stdin is asked for without echo', async () => {
  const app = test.app({ answers: ['typed'] });
  expect(await readSecret(app, NAME, by({ stdin: true }))).toBe('typed');
});

it('is hidden from now on', async () => {
  const app = test.app({ stdin: 'hunter2-secret' });
  await readSecret(app, NAME, by({ stdin: true }));
  expect(app.log.redact('it is hunter2-secret')).toBe('it is [redacted]');
});
