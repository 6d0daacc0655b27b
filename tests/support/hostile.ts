import { createRandom, type Random } from './random.ts';

/** How often a hostile test tries, and with which dice: `scripts/hostile` sets both. */
export interface Plan {
  readonly runs: number;
  /** True in the long run: what takes minutes may be done. */
  readonly long: boolean;
  readonly below: Random;
  pick<T>(list: readonly T[]): T;
  /** Says on stderr what was done, so that a failure can be had again. */
  tell(facts: Readonly<Record<string, number>>): void;
}

/** @param ordinary runs as a part of every check */
export function makePlan(name: string, ordinary: number): Plan {
  const runs = Number(process.env['TOKENCLI_HOSTILE_RUNS'] || ordinary);
  const seed = Number(process.env['TOKENCLI_HOSTILE_SEED'] || Date.now() % 2 ** 31);
  const below = createRandom(seed);
  return {
    runs,
    long: process.env['TOKENCLI_HOSTILE_LONG'] === '1',
    below,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    tell: (facts) => {
      const counts = Object.entries(facts).map(([what, count]) => `${count} ${what}`);
      process.stderr.write(`hostile ${name}: seed ${seed}: ${counts.join(', ')}\n`);
    },
  };
}

/** Does the work for each item, two at a time. */
export async function inPairs<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await work(next[1]);
  };
  await Promise.all([worker(), worker()]);
}
