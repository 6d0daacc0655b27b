import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import type { Draft } from './draft.ts';
import type { World } from './world.ts';

/** Where a change is made, and which of its variants. */
export interface Place {
  readonly world: World;
  readonly draft: Draft;
  readonly profile: string;
  readonly at: number;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly seconds: number;
}

/** A change, to the draft at once or to the files once they are written. */
export type Work = (place: Place) => void;

const MODES = [0o644, 0o666, 0o640, 0o400, 0o700, 0o604];

/** Changes a file, after it was written and if another change has left it there. */
export function onFile(
  locate: (place: Place) => string,
  work: (path: string, at: number, place: Place) => void,
): Work {
  return (place) => {
    place.draft.files.push(() => {
      try {
        work(locate(place), place.at, place);
      } catch (error) {
        // another change was there first
        if (!SUPERSEDED.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
    });
  };
}
const SUPERSEDED = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ERR_FS_EISDIR'];

export function link(path: string): void {
  renameSync(path, `${path}.real`);
  symlinkSync(`${path}.real`, path);
}

export function folder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

export function chmod(path: string, at: number): void {
  chmodSync(path, MODES[at % MODES.length] ?? 0o600);
}

export function swapCase(name: string): string {
  const upper = name.toUpperCase();
  return name === upper ? name.toLowerCase() : upper;
}
