import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Bench, STORE_KEY, setBench } from '../support/commands.ts';
import { inPairs, makePlan } from '../support/hostile.ts';
import { inspectState } from '../support/state.ts';

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

const killAt = (call: number) => [
  ...['strace', '-f', '-qq', '-o', '/dev/null'],
  ...['-e', `trace=${CHANGES}`, '-e', `inject=${CHANGES}:signal=KILL:when=${call}`],
];

it('kill -9 at each system call that changes something', async () => {
  const names = plan.long ? bench.names : ORDINARY;
  const wrong: unknown[] = [];
  let [points, lost] = [0, 0];
  await inPairs(names, async (name) => {
    for (let call = 1; ; call += 1) {
      const home = bench.fresh();
      const { signal, code } = await bench.run(name, home, { before: killAt(call) });
      const before = await inspectState(home, STORE_KEY);
      lost += before.lost.length;
      const next = await bench.run(name === 'edit' ? 'create' : 'edit', home);
      const after = await inspectState(home, STORE_KEY);
      const faults = [...before.faults, ...after.faults, ...after.lost];
      if (next.code !== 0 || faults.length > 0) wrong.push({ name, call, faults, next: next.err });
      rmSync(home, { recursive: true });
      if (signal !== 'SIGKILL') {
        // there was no call of this number any more: the command has come to its end
        if (code !== 0 || bench.isDone(name, before.profiles) === false) {
          wrong.push({ name, call, code });
        }
        break;
      }
      points += 1;
    }
  });
  plan.tell({ commands: names.length, 'points of death': points, 'secrets lost sight of': lost });
  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(10 * names.length);
}, 3_600_000);
