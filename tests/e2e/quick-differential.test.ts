import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { builtCli } from '../support/built-cli.ts';
import { anyCase } from '../support/differential/cases.ts';
import { type Lanes, startLanes } from '../support/differential/lanes.ts';
import { type Call, type Outcome, prepareTrial } from '../support/differential/trial.ts';
import { createWorld, type World } from '../support/differential/world.ts';
import { makePlan } from '../support/hostile.ts';
import { createTestCa } from '../support/tls.ts';

/** Each has a world of its own; more than there are processors are of no use. */
const PLACES = 2;
const IN_PROCESSES = Number(process.env['TOKENCLI_TEST_RUNS'] ?? 60);
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*\n$/;

interface Place {
  readonly world: World;
  readonly lanes: Lanes;
}

const plan = makePlan('differential', 5000);
const seeds = Array.from({ length: PLACES }, () => plan.below(2 ** 31));
const places: Place[] = [];
let cli: string;

beforeAll(async () => {
  cli = await builtCli();
  const tls = createTestCa();
  const worlds = Array.from({ length: PLACES }, () => createWorld(tls));
  for (const world of await Promise.all(worlds)) {
    places.push({ world, lanes: startLanes(cli, join(world.stage.folder, 'lanes')) });
  }
});

afterAll(async () => {
  for (const { world, lanes } of places) {
    await lanes.stop();
    await world.close();
  }
});

describe('the command as it is, and its full command line without the quick lane', () => {
  it('do the same, whatever they are given', async () => {
    const counts = {
      cases: 0,
      'tokens by the quick lane alone': 0,
      'texts by it alone': 0,
      'tokens by the full command line': 0,
      failures: 0,
      'requests for a token': 0,
    };
    const count = ({ outcome: { code, out, requests }, alone }: Seen) => {
      counts.cases += 1;
      if (code !== 0) counts.failures += 1;
      else if (!alone) counts['tokens by the full command line'] += TOKEN.test(out) ? 1 : 0;
      else if (TOKEN.test(out)) counts['tokens by the quick lane alone'] += 1;
      else counts['texts by it alone'] += 1;
      if (requests.length > 0) counts['requests for a token'] += 1;
    };
    const checks = places.map(({ world, lanes }, number) =>
      fc.assert(
        fc.asyncProperty(anyCase(true), async (given) => {
          const trial = prepareTrial(world, given);
          const [quick, full] = await inLanes(trial, lanes);
          count(quick);
          expect([quick.faults, full.faults]).toEqual([[], []]);
          expect(quick.outcome).toEqual(full.outcome);
          if (quick.alone) expect(quick.untouched).toBe(true);
        }),
        { numRuns: Math.ceil(plan.runs / PLACES), seed: seeds[number] ?? 0 },
      ),
    );
    const results = await Promise.allSettled(checks);
    plan.tell(counts);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    const share = counts['tokens by the quick lane alone'] / counts.cases;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.9);
    expect(counts['tokens by the full command line']).toBeGreaterThan(counts.cases / 20);
    expect(counts['requests for a token']).toBeGreaterThan(counts.cases / 50);
    expect(counts.failures).toBeGreaterThan(counts.cases / 10);
  }, 3_600_000);

  // what the processes above do for thousands of runs is what each run does in a process of its own
  it('do the same as processes of their own', async () => {
    const checks = places.map(({ world, lanes }, number) => {
      const full = world.stage.file(
        'full.cjs',
        `const { homedir, userInfo } = require('node:os');
         const { start } = require(${JSON.stringify(join(cli, '..', 'start.cjs'))});
         start(process, homedir() || userInfo().homedir, process.cwd());`,
      );
      return fc.assert(
        fc.asyncProperty(anyCase(false), async (given) => {
          const trial = prepareTrial(world, given);
          const inOne = await inLanes(trial, lanes);
          const apart = [
            await trial.run((call) => inProcess(cli, call)),
            await trial.run((call) => inProcess(full, call)),
          ];
          const seen = [...inOne, ...apart].map(({ outcome }) => withoutClock(outcome));
          const [first, second] = seen;
          expect(seen).toEqual([first, second, first, second]);
        }),
        { numRuns: Math.ceil(IN_PROCESSES / PLACES), seed: seeds[number] ?? 0 },
      );
    });
    for (const result of await Promise.allSettled(checks)) {
      if (result.status === 'rejected') throw result.reason;
    }
  }, 3_600_000);
});

type Seen = Awaited<ReturnType<typeof inLanes>>[number];

async function inLanes(trial: ReturnType<typeof prepareTrial>, lanes: Lanes) {
  const by = async (lane: 'quick' | 'full') => {
    const { result, ...rest } = await trial.run((call) => lanes.run({ ...call, lane }));
    return { ...rest, alone: result.alone, faults: result.faults };
  };
  return [await by('quick'), await by('full')] as const;
}

function inProcess(script: string, { argv, env, folder }: Call) {
  return new Promise<Pick<Outcome, 'code' | 'out' | 'err'>>((resolve) => {
    const options = { cwd: folder, env };
    const child = execFile(process.execPath, [script, ...argv], options, (error, out, err) => {
      resolve({ code: error ? error.code : 0, out, err });
    });
    child.stdin?.end();
  });
}

/** A token that was just obtained ends some time from now, and that is later in the next process. */
function withoutClock(outcome: Outcome): Outcome {
  const text = JSON.stringify(outcome)
    .replace(/(\\"expiresOn(?:Epoch)?\\": )[^,]+/g, '$1-')
    .replace(/(the new token lives for )\w+/g, '$1-');
  return JSON.parse(text);
}
