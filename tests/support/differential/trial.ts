import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ANSWERS, type Case } from './cases.ts';
import { applyChange } from './changes.ts';
import { draftOf, writeHome } from './draft.ts';
import type { Order } from './lanes.ts';
import {
  isUnchanged,
  isUntouched,
  readStates,
  readTree,
  restoreTree,
  type States,
} from './tree.ts';
import type { World } from './world.ts';

/** What came of a call. */
export interface Outcome {
  readonly code: unknown;
  readonly out: string;
  readonly err: string;
  /** What it left in its working folder. */
  readonly files: Readonly<Record<string, string>>;
  /** What the identity provider was asked. */
  readonly requests: readonly string[];
}

export type Call = Omit<Order, 'lane'>;

/** A case in its world, to be tried in several ways. */
export interface Trial {
  /** Makes the call from the very same beginning, and looks at what came of it. */
  run<T extends Pick<Outcome, 'code' | 'out' | 'err'>>(
    call: (call: Call) => Promise<T>,
  ): Promise<{
    readonly outcome: Outcome;
    readonly result: T;
    /** No file in the home was written, made or removed. */
    readonly untouched: boolean;
  }>;
}

export function prepareTrial(world: World, given: Case): Trial {
  const time = Date.now();
  const draft = draftOf(world);
  for (const change of given.changes) applyChange(world, draft, change, time / 1000);
  writeHome(world, draft);
  const { home } = world.stage;
  const tree = readTree(home);
  let now: States = tree;
  return {
    run: async (call) => {
      if (!isUnchanged(tree, now)) restoreTree(home, tree);
      const folder = join(world.stage.folder, 'work');
      emptyFolder(folder);
      const { script, seen } = world.idp;
      script.splice(0, script.length, ...Array(3).fill(ANSWERS[given.answer]));
      seen.length = 0;
      const env = environment(world, given);
      const result = await call({ argv: given.argv, env, folder, time });
      const { code, out, err } = result;
      const files = readdirSync(folder).map((name) => [name, readText(join(folder, name))]);
      const requests = seen.map(({ method, url, body }) => {
        const { grant_type: grant, client_id: client, scope } = body;
        // the id of a request is another one each time
        return [method, url.split('?')[0], grant, client, scope].join(' ').trim();
      });
      now = readStates(home);
      return {
        outcome: { code, out, err: withoutTimes(err), files: Object.fromEntries(files), requests },
        result,
        untouched: isUntouched(tree, now),
      };
    },
  };
}

/** Empties a folder that a call may have written to. */
function emptyFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
}

function environment({ env, stage, paths, keys }: World, given: Case): Record<string, string> {
  const all: Record<string, string | undefined> = { ...env, ...given.env };
  // else it would be the home of whoever runs the tests
  if (!all['HOME'] && !all['TOKENCLI_HOME']) all['TOKENCLI_HOME'] = paths.home;
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [[name, value.replaceAll('{home}', stage.home).replaceAll('{keys}', keys)]],
    ),
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function withoutTimes(text: string): string {
  return text.replace(/ in \d+ ms$/gm, ' in - ms');
}
