import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Bench, STORE_KEY, setBench } from '../support/commands.ts';
import { inPairs, makePlan } from '../support/hostile.ts';
import { inspectState } from '../support/state.ts';

/** System calls that keep data, and how each may fail. */
const FAULTS = [
  ...['EIO', 'ENOSPC', 'EROFS', 'EDQUOT'].map((error) => ['fsync', error] as const),
  ...['EIO', 'ENOSPC', 'EROFS', 'EXDEV', 'EBUSY'].map((error) => ['rename', error] as const),
  ...['EROFS', 'EPERM'].map((error) => ['fchmod', error] as const),
  ...['EROFS', 'ENOSPC'].map((error) => ['mkdir', error] as const),
  ...['EROFS', 'EIO'].map((error) => ['unlink', error] as const),
];
const DEEPEST = 6;
/** 512 bytes each: a write that crosses the limit is cut short, and the next one fails. */
const LARGEST_LIMIT = 8;
/** What a deletion may leave, by exit code. */
const LEFT: Readonly<Record<number, RegExp>> = {
  7: /is deleted, its secrets are not/,
  10: /is deleted, its tokens are not/,
};
const PRINTS_A_TOKEN = ['get-token', 'refresh'];

const plan = makePlan('faults', 30);
let bench: Bench;

beforeAll(async () => {
  bench = await setBench();
});
afterAll(() => bench?.close());

interface Trial {
  readonly name: string;
  readonly what: string;
  readonly before: readonly string[];
}

function makeTrial(index: number): Trial {
  const name = plan.pick(bench.names);
  if (index % 3 === 0) {
    const limit = 1 + plan.below(LARGEST_LIMIT);
    const before = ['sh', '-c', `ulimit -f ${limit}; exec "$0" "$@"`];
    return { name, what: `short write at ${limit * 512}`, before };
  }
  const [call, error] = plan.pick(FAULTS);
  const inject = `inject=${call}:error=${error}:when=${1 + plan.below(DEEPEST)}`;
  const before = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject];
  return { name, what: inject, before };
}

it('a disk that fails leaves the old state or the new one, and a token is printed', async () => {
  const wrong: unknown[] = [];
  let failed = 0;
  const trials = Array.from({ length: plan.runs }, (_, index) => makeTrial(index));
  await inPairs(trials, async ({ name, what, before }) => {
    const home = bench.fresh();
    const { code, out, err } = await bench.run(name, home, { before });
    const state = await inspectState(home, STORE_KEY);
    const done = bench.isDone(name, state.profiles);
    const token = PRINTS_A_TOKEN.includes(name);
    const told = code === 0 || /^tokencli: [^\n]+\n/m.test(err);
    // the profile is deleted, and what could not be removed of it is named
    const half = name === 'delete' && LEFT[code ?? 0]?.test(err) === true;
    const ended = code === 0 || half || (!token && code === 10);
    const whole = done === undefined || done === (code === 0 || half);
    const delivered = token ? /^\S+\n$/.test(out) : out === '' || code === 0;
    if (code !== 0) failed += 1;
    if (!ended || !told || !whole || !delivered || state.faults.length + state.leftovers > 0) {
      wrong.push({ name, what, code, err, faults: state.faults, leftovers: state.leftovers });
    }
    const next = await bench.run('get-token', home);
    if (next.code !== 0) wrong.push({ name, what, next: next.err });
    rmSync(home, { recursive: true });
  });
  plan.tell({ faults: plan.runs, 'commands that failed': failed });
  expect(wrong).toEqual([]);
}, 3_600_000);
