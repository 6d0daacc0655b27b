import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Bench, STORE_KEY, setBench } from '../support/commands.ts';
import { inPairs, makePlan } from '../support/hostile.ts';
import { startKeyringSession } from '../support/keyring-session.ts';
import { openWithSecretTool } from '../support/secret-tool.ts';
import { inspectState } from '../support/state.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Every system call by which a command changes something outside its own memory. */
const CHANGES =
  'write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,fchmod,chmod,ftruncate,sendmsg,sendto';
const ORDINARY = ['create', 'refresh'];

const plan = makePlan('kill-sweep', 1);
let bench: Bench;

beforeAll(async () => {
  bench = await setBench();
});
afterAll(() => bench?.close());

interface Point {
  readonly name: string;
  readonly call: string;
  /** strace counts the calls of each kind by itself, in each thread. */
  readonly number: number;
}

/** Every point at which this command can die, from a run in which it does not. */
async function findPoints(name: string, home: string, env: Env = {}): Promise<Point[]> {
  const log = join(home, 'trace');
  const before = ['strace', '-f', '-qq', '-o', log, '-e', `trace=${CHANGES}`];
  expect((await bench.run(name, home, { before, env })).code).toBe(0);
  const seen = new Map<string, number>();
  const most = new Map<string, number>();
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (!thread || !call) continue;
    const count = (seen.get(`${thread} ${call}`) ?? 0) + 1;
    seen.set(`${thread} ${call}`, count);
    most.set(call, Math.max(count, most.get(call) ?? 0));
  }
  rmSync(home, { recursive: true });
  return [...most].flatMap(([call, count]) =>
    Array.from({ length: count }, (_, index) => ({ name, call, number: index + 1 })),
  );
}

const killAt = ({ call, number }: Point) => [
  ...['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`],
  ...['-e', `inject=${call}:signal=KILL:when=${number}`],
];

it('kill -9 at each system call that changes something', async () => {
  const names = plan.long ? bench.names : ORDINARY;
  const points: Point[] = [];
  for (const name of names) points.push(...(await findPoints(name, bench.fresh())));
  const wrong: unknown[] = [];
  let [killed, lost] = [0, 0];
  await inPairs(points, async (point) => {
    const home = bench.fresh();
    const { signal } = await bench.run(point.name, home, { before: killAt(point) });
    if (signal === 'SIGKILL') killed += 1;
    const before = await inspectState(home, STORE_KEY);
    lost += before.lost.length;
    const next = await bench.run(point.name === 'edit' ? 'create' : 'edit', home);
    const after = await inspectState(home, STORE_KEY);
    const faults = [...before.faults, ...after.faults, ...after.lost];
    if (next.code !== 0 || faults.length > 0) wrong.push({ ...point, faults, next: next.err });
    rmSync(home, { recursive: true });
  });
  plan.tell({
    commands: names.length,
    'points of death': points.length,
    killed,
    'secrets lost sight of': lost,
  });
  expect(wrong).toEqual([]);
  // a thread of the pool may do on another run what it did on the first
  expect(killed).toBeGreaterThan(points.length * 0.8);
}, 3_600_000);

it('the same of a command whose secrets are in a real keyring', async () => {
  const session = await startKeyringSession('unlocked');
  const root = mkdtempSync(join(tmpdir(), 'tokencli-sweep-'));
  const env = { TOKENCLI_STORE: 'keyring', ...session.env };
  const empty = () => mkdtempSync(join(root, 'home-'));
  try {
    const keyring = openWithSecretTool(session.env);
    const all = await findPoints('create', empty(), env);
    const points = plan.long ? all : all.filter((_, index) => index % 4 === 0);
    const wrong: unknown[] = [];
    await inPairs(points, async (point) => {
      const home = empty();
      await bench.run('create', home, { before: killAt(point), env });
      // the keyring holds the entries of all the other homes as well
      const { faults, profiles } = await inspectState(home, STORE_KEY, keyring);
      let next = await bench.run('create', home, { env });
      // 7 is an answer as well: a machine that is busy keeps its keyring busy
      for (let more = 0; next.code === 7 && more < 5; more += 1) {
        next = await bench.run('create', home, { env });
      }
      const expected = profiles.includes('new') ? 2 : 0;
      const after = await inspectState(home, STORE_KEY, keyring);
      if (next.code !== expected || faults.length + after.faults.length > 0) {
        wrong.push({ ...point, faults, code: next.code, err: next.err });
      }
    });
    plan.tell({ 'points of death with a keyring': points.length });
    expect(wrong).toEqual([]);
    expect(points.length).toBeGreaterThan(5);
  } finally {
    await session.stop();
    rmSync(root, { recursive: true });
  }
}, 3_600_000);
