import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { program } from '../support/built-cli.ts';
import { type Bench, STORE_KEY, setBench } from '../support/commands.ts';
import { inspectState } from '../support/state.ts';

const asRoot = process.getuid?.() === 0;
let bench: Bench;

beforeAll(async () => {
  bench = await setBench();
});
afterAll(() => bench?.close());

const below = (home: string, ...path: string[]) => join(home, '.tokencli', ...path);

describe('a home', () => {
  it.each(['/proc/nowhere', '/proc/nowhere/deeper', '/dev/null/home', '/sys/nowhere'])(
    'in %s, where no folder can be, is refused at once',
    async (place) => {
      const env = { TOKENCLI_HOME: place };
      const start = performance.now();
      const { code, out, err } = await bench.run('create', bench.fresh(), { env, timeout: 10_000 });
      expect([code, out]).toEqual([10, '']);
      expect(err).toMatch(new RegExp(`^tokencli: [^\n]*${place}[^\n]*\n`));
      expect(performance.now() - start).toBeLessThan(8000);
    },
  );

  it('of another user is neither read nor changed', async () => {
    const home = bench.fresh();
    const STRANGER = 4242;
    // only root can make files of strangers; to anybody else the folders of the system are strange
    const place = asRoot ? below(home) : '/lost+found';
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    if (asRoot) {
      for (const path of [place, below(home, 'profiles.json')]) {
        chownSync(path, STRANGER, STRANGER);
        chmodSync(path, 0o777);
      }
      for (let up = join(home); up !== '/tmp' && up !== '/'; up = join(up, '..')) {
        chmodSync(up, 0o755);
      }
    }
    const options = { env: { TOKENCLI_HOME: place }, before: asRoot ? nobody : [] };
    const before = asRoot ? readFileSync(below(home, 'profiles.json'), 'utf8') : '';
    for (const name of ['create', 'get-token']) {
      const { code, out } = await bench.run(name, home, options);
      expect([name, code, out]).toEqual([name, 10, '']);
    }
    if (asRoot) expect(readFileSync(below(home, 'profiles.json'), 'utf8')).toBe(before);
  });

  it('with spaces, foreign letters and a link on the way works', async () => {
    const home = bench.fresh();
    const strange = join(home, `a b ü 日本 ${'x'.repeat(180)}`);
    cpSync(below(home), strange, { recursive: true });
    const link = join(home, 'link');
    symlinkSync(strange, link);
    for (const name of ['get-token', 'create']) {
      const { code, err } = await bench.run(name, home, { env: { TOKENCLI_HOME: link } });
      expect([name, code]).toEqual([name, 0]);
      expect(err).not.toContain('tokencli:');
    }
    expect(readdirSync(strange)).toContain('profiles.json');
  });
});

describe('a damaged file', () => {
  it.each(['profiles.json', 'secrets.sealed'])(
    'in the place of %s is named, exit 9, and stays as it is',
    async (name) => {
      const { length } = readFileSync(below(bench.fresh(), name));
      for (const size of [0, 1, 2, length >> 2, length >> 1, length - 3]) {
        const home = bench.fresh();
        truncateSync(below(home, name), size);
        const before = readFileSync(below(home, name));
        for (const command of ['create', 'edit', 'delete', 'get-token']) {
          const { code, out, err } = await bench.run(command, home);
          expect([size, command, code, out]).toEqual([size, command, 9, '']);
          expect(err).toMatch(/^tokencli: [^\n]+\n/);
        }
        expect(readFileSync(below(home, name))).toEqual(before);
      }
    },
  );

  it.each(['cache/base.tokens', 'cache/key.json'])(
    'in the place of %s costs a request and nothing else',
    async (name) => {
      const { length } = readFileSync(below(bench.fresh(), name));
      for (const size of [0, 1, length >> 1, length - 1]) {
        const home = bench.fresh();
        truncateSync(below(home, name), size);
        const { code, out, err } = await bench.run('get-token', home);
        expect([size, code, err]).toEqual([size, 0, '']);
        expect(out).toMatch(/^\S+\n$/);
        expect((await inspectState(home, STORE_KEY)).faults).toEqual([]);
      }
    },
  );

  it('full of NULs, as some file systems leave it after a crash, is no better', async () => {
    const home = bench.fresh();
    writeFileSync(below(home, 'profiles.json'), Buffer.alloc(2000));
    writeFileSync(below(home, 'cache', 'base.tokens'), Buffer.alloc(2000));
    const { code, err } = await bench.run('create', home);
    expect(code).toBe(9);
    expect(err).toContain('NUL bytes');
    expect(readFileSync(below(home, 'profiles.json'))).toEqual(Buffer.alloc(2000));
  });
});

describe('few open files', () => {
  let fewest: number;
  beforeAll(async () => {
    fewest = await fewestToStart();
  });

  it.each([2, 6, 14])(
    '%d more than it takes to start: a result, or one line why not',
    async (more) => {
      const before = ['sh', '-c', `ulimit -n ${fewest + more}; exec "$0" "$@"`];
      for (const name of ['create', 'get-token', 'edit']) {
        const home = bench.fresh();
        const { code, out, err } = await bench.run(name, home, { before });
        expect([0, 7, 8, 10]).toContain(code);
        if (code !== 0)
          expect([out, err.split('\n')[0]]).toEqual(['', expect.stringMatching(/^tokencli: /)]);
        expect((await inspectState(home, STORE_KEY)).faults).toEqual([]);
      }
    },
  );
});

describe('a file system without locks', () => {
  /** The call by which a command takes its first lock, among all of its thread of that kind. */
  async function firstLock(name: string): Promise<number> {
    const home = bench.fresh();
    const log = join(home, 'trace');
    const before = ['strace', '-qq', '-o', log, '-e', 'trace=fcntl'];
    expect((await bench.run(name, home, { before })).code).toBe(0);
    const calls = readFileSync(log, 'utf8').split('\n');
    return calls.findIndex((line) => line.includes('F_OFD_SETLK')) + 1;
  }

  it.each(['create', 'get-token'])('is named, and %s works without', async (name) => {
    const call = await firstLock(name);
    expect(call).toBeGreaterThan(0);
    const inject = `inject=fcntl:error=ENOLCK:when=${call}`;
    const before = ['strace', '-qq', '-o', '/dev/null', '-e', 'trace=fcntl', '-e', inject];
    const home = bench.fresh();
    const { code, err } = await bench.run(name, home, { before });
    expect([code, err]).toEqual([0, expect.not.stringContaining('tokencli:')]);
    if (name === 'create') expect(err).toContain('no file locks here (ENOLCK)');
    expect((await inspectState(home, STORE_KEY)).faults).toEqual([]);
  });
});

/** With how many open files the program starts: 5 of the executable, about 20 of the npm package. */
async function fewestToStart(): Promise<number> {
  const command = [...(await program()), '--version'];
  for (let limit = 4; limit < 100; limit += 1) {
    const start = ['-c', `ulimit -n ${limit}; exec "$0" "$@"`, ...command];
    if (spawnSync('sh', start, { stdio: ['pipe', 'pipe', 'pipe'] }).status === 0) return limit;
  }
  throw new Error('the program does not start with 100 open files');
}
