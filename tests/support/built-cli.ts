import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The two that are made of the same source, as each calls itself. */
export type Program = 'executable' | 'npm package';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Build {
  readonly script: string;
  /** What the script makes. */
  readonly file: string;
}

const BUILDS: Readonly<Record<Program, Build>> = {
  executable: {
    script: 'scripts/standalone.mjs',
    file: join(ROOT, 'build', 'standalone', 'tokencli'),
  },
  'npm package': { script: 'scripts/build.mjs', file: join(ROOT, 'dist', 'tokencli.cjs') },
};
const SOURCES = [
  ...['src', 'package.json', 'scripts/third-party.mjs'],
  ...['scripts/man-pages.mjs', 'scripts/platforms.mjs'],
];
const LOCK = join(ROOT, 'build', 'building');
const PATIENCE = 60_000;

const ready = new Map<Program, Promise<void>>();

/**
 * The words that start the program under test, which is built first if it is missing or older than its
 * sources. `TOKENCLI_TEST_PROGRAM=npm` runs the suites on the npm package instead.
 */
export async function program(which: Program = chosenProgram()): Promise<readonly string[]> {
  const { file } = BUILDS[which];
  let building = ready.get(which);
  if (!building) {
    building = ensureBuilt(BUILDS[which]);
    ready.set(which, building);
  }
  await building;
  return which === 'executable' ? [file] : [process.execPath, file];
}

/** The path of the npm package's command. */
export async function builtCli(): Promise<string> {
  await program('npm package');
  return BUILDS['npm package'].file;
}

export function chosenProgram(): Program {
  return process.env['TOKENCLI_TEST_PROGRAM'] === 'npm' ? 'npm package' : 'executable';
}

async function ensureBuilt(build: Build): Promise<void> {
  if (isFresh(build)) return;
  await inTurn(() => {
    if (isFresh(build)) return;
    const { status, stderr } = spawnSync(process.execPath, [build.script], { cwd: ROOT });
    if (status !== 0) throw new Error(`${build.script} failed: ${stderr}`);
  });
}

/** jest has several workers, and one build is enough. */
async function inTurn(work: () => void): Promise<void> {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const start = performance.now();
  while (!tryLock()) {
    if (performance.now() - start > PATIENCE) throw new Error(`${LOCK} stays: remove it`);
    await pause(100);
  }
  try {
    work();
  } finally {
    rmdirSync(LOCK);
  }
}

function tryLock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    return false;
  }
}

function isFresh({ script, file }: Build): boolean {
  const built = changedAt(file);
  return [...SOURCES, script].every((source) => newest(join(ROOT, source)) < built);
}

function newest(path: string): number {
  if (!statSync(path).isDirectory()) return changedAt(path);
  const inside = readdirSync(path, { recursive: true, withFileTypes: true });
  return Math.max(...inside.map((entry) => changedAt(join(entry.parentPath, entry.name))));
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
