import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bench, setBench } from '../support/commands.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await setBench();
});
afterAll(() => bench?.close());

interface Call {
  readonly name: string;
  readonly text: string;
  /** What it returned. */
  readonly result: string;
}

/** What the command asked of the kernel, in order. */
async function trace(name: string): Promise<Call[]> {
  const home = bench.fresh();
  const log = join(home, 'trace');
  const calls = 'trace=openat,open,write,pwrite64,fsync,rename,close,unlink';
  const before = ['strace', '-qq', '-s', '100', '-o', log, '-e', calls];
  expect((await bench.run(name, home, { before })).code).toBe(0);
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, call, text = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+)/.exec(line) ?? [];
      return call ? [{ name: call, text, result }] : [];
    });
}

/** The files that were replaced, in order, each with the steps that are missing around it. */
function replacements(calls: readonly Call[]) {
  return calls.flatMap(({ name, text, result }, at) => {
    const [, from = '', to = ''] = /^"(.+?)", "(.+?)"$/.exec(text) ?? [];
    if (name !== 'rename' || !to.includes('/.tokencli/') || result !== '0') return [];
    const opened = calls.findIndex(
      (call) => call.name.startsWith('open') && call.text.includes(from),
    );
    const open = calls[opened];
    const between = calls.slice(opened + 1, at);
    const of = (call: Call, fd: string | undefined) => call.text.split(/[,)]/)[0] === fd;
    const written = between.filter((call) => call.name === 'write' && of(call, open?.result));
    const synced = between.findIndex((call) => call.name === 'fsync' && of(call, open?.result));
    const last = between.findLastIndex((call) => call.name === 'write' && of(call, open?.result));
    const after = calls.slice(at + 1);
    const folder = after.find((call) => call.text.includes(`"${dirname(to)}"`));
    const folderSynced = after.some((call) => call.name === 'fsync' && of(call, folder?.result));
    return [
      {
        file: basename(to),
        missing: [
          ...(/O_CREAT\|O_EXCL|O_EXCL\|O_CREAT/.test(open?.text ?? '') ? [] : ['exclusive']),
          ...(open?.text.endsWith(' 0600') ? [] : ['0600']),
          ...(written.length > 0 ? [] : ['content']),
          ...(synced > last ? [] : ['fsync after the last byte']),
          ...(folderSynced ? [] : ['fsync of the folder']),
        ],
      },
    ];
  });
}

describe('every file of ours is replaced so that a power failure leaves the old or the new one', () => {
  it.each(['create', 'edit', 'delete', 'rename', 'import', 'get-token', 'refresh'])(
    '%s',
    async (name) => {
      const found = replacements(await trace(name));
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter(({ missing }) => missing.length > 0)).toEqual([]);
    },
  );
});

describe('a profile never names a secret that is not there', () => {
  const order = async (name: string) => replacements(await trace(name)).map(({ file }) => file);

  it('create: the secret first, then the profile', async () => {
    expect(await order('create')).toEqual(['secrets.sealed', 'profiles.json']);
  });

  it('edit: the new secret, the profile, and only then the old secret', async () => {
    expect(await order('edit')).toEqual(['secrets.sealed', 'profiles.json', 'secrets.sealed']);
  });

  it('delete: the profile first, then its secret', async () => {
    expect(await order('delete')).toEqual(['profiles.json', 'secrets.sealed']);
  });
});
