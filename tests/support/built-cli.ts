import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'dist', 'tokencli.cjs');
const LOCK = join(ROOT, 'build', 'building');
const SOURCES = ['src', 'scripts', 'package.json'];
const PATIENCE = 60_000;

let ready: Promise<string> | undefined;

/** The path of the built command; builds it first if it is missing or older than its sources. */
export function builtCli(): Promise<string> {
  ready ??= ensure();
  return ready;
}

async function ensure(): Promise<string> {
  if (isFresh()) return CLI;
  await inTurn(() => {
    if (isFresh()) return;
    const build = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT });
    if (build.status !== 0) throw new Error(`the build failed: ${build.stderr}`);
  });
  return CLI;
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

function isFresh(): boolean {
  const built = changedAt(CLI);
  return SOURCES.every((source) => newest(join(ROOT, source)) < built);
}

function newest(path: string): number {
  if (!statSync(path).isDirectory()) return changedAt(path);
  const inside = readdirSync(path, { recursive: true, withFileTypes: true });
  return Math.max(...inside.map((entry) => changedAt(join(entry.parentPath, entry.name))));
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
