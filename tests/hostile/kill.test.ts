import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Bench, STORE_KEY, setBench } from '../support/commands.ts';
import { inPairs, makePlan } from '../support/hostile.ts';
import { inspectState } from '../support/state.ts';

const plan = makePlan('kill', 100);
let bench: Bench;

beforeAll(async () => {
  bench = await setBench();
});
afterAll(() => bench?.close());

it('kill -9 at any moment leaves nothing damaged and nothing dangling', async () => {
  /** Milliseconds that each command takes when it is left alone. */
  const usual = new Map<string, number>();
  await inPairs(bench.names, async (name) => {
    const start = performance.now();
    await bench.run(name, bench.fresh());
    usual.set(name, performance.now() - start);
  });
  const names = Array.from({ length: plan.runs }, () => plan.pick(bench.names));
  const share = names.map(() => plan.below(1000) / 1000);
  let [killed, leftovers, done] = [0, 0, 0];
  const wrong: unknown[] = [];
  await inPairs([...names.entries()], async ([index, name]) => {
    const home = bench.fresh();
    const start = performance.now();
    // the first third of a run is Node starting, where nothing can break
    const delay = (usual.get(name) ?? 0) * (0.3 + 0.9 * (share[index] ?? 0));
    const { signal } = await bench.run(name, home, {
      watch: (child) => setTimeout(() => child.kill('SIGKILL'), delay),
    });
    if (signal === 'SIGKILL') killed += 1;
    // the machine has become faster
    else usual.set(name, performance.now() - start);
    const before = await inspectState(home, STORE_KEY);
    leftovers += before.leftovers;
    if (bench.isDone(name, before.profiles)) done += 1;
    const next = await bench.run(index % 2 ? 'edit' : 'get-token', home);
    const after = await inspectState(home, STORE_KEY);
    // only a change of the profiles tidies up behind another
    const faults = [...before.faults, ...after.faults, ...(index % 2 ? after.lost : [])];
    if (next.code !== 0 || faults.length > 0) {
      wrong.push({ name, delay, faults, next: next.err });
    }
    rmSync(home, { recursive: true });
  });
  plan.tell({
    tried: plan.runs,
    killed,
    'were done before': done,
    'temporary files left': leftovers,
  });
  expect(wrong).toEqual([]);
  expect(killed).toBeGreaterThan(plan.runs / 10);
}, 3_600_000);
