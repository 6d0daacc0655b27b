import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What is at a path, without reading it. */
interface State {
  readonly path: string;
  readonly kind: 'file' | 'link' | 'folder' | 'other';
  readonly mode: number;
  /** Of anything but a folder: which one it is, and when it was last written. */
  readonly written: string;
  /** When anything about it last changed. */
  readonly changed: number;
}

/** Everything below a folder. */
export type States = readonly State[];
/** The same, with the bytes of files and where links lead. */
export type Tree = readonly (State & { readonly content?: Buffer | string })[];

/** Leaves nothing but these folders (0700), and of these files what can be written to (0600). */
export function clearTree(folder: string, folders: readonly string[], files: readonly string[]) {
  prune(folder, [...folders, ...files]);
  for (const path of folders) {
    if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      rmSync(path, { force: true });
      mkdirSync(path);
    }
    chmodSync(path, 0o700);
  }
  for (const path of files) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const plain = found?.isFile() && (found.mode & 0o777) === 0o600;
    if (!plain) rmSync(path, { recursive: true, force: true });
  }
}

export function readStates(folder: string): States {
  return list(folder).map(stateOf);
}

export function readTree(folder: string): Tree {
  return readStates(folder).map((state) => {
    const { path, kind } = state;
    if (kind === 'file') return { ...state, content: readFileSync(path) };
    return kind === 'link' ? { ...state, content: readlinkSync(path) } : state;
  });
}

/** Puts every byte back; what has not been touched meanwhile stays the very same file. */
export function restoreTree(folder: string, tree: Tree): void {
  prune(
    folder,
    tree.map(({ path }) => path),
  );
  for (const { path, kind, content, mode, written, changed } of tree) {
    const there = lstatSync(path, { throwIfNoEntry: false }) && stateOf(path);
    if (there?.kind === kind && there.written === written && there.changed === changed) continue;
    if (there?.kind !== 'folder' || kind !== 'folder')
      rmSync(path, { recursive: true, force: true });
    if (typeof content === 'string') {
      symlinkSync(content, path);
      continue;
    }
    if (content) writeFileSync(path, content);
    else mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
  }
}

/** True if the same files are there, none written since. A mode may have been closed to others. */
export function isUntouched(before: States, after: States): boolean {
  return describe(before) === describe(after);
}

/** True if not even a mode has changed. */
export function isUnchanged(before: States, after: States): boolean {
  const last = (states: States) => states.map(({ changed }) => changed).join();
  return isUntouched(before, after) && last(before) === last(after);
}

function describe(states: States): string {
  return states.map(({ path, written }) => `${path} ${written}\n`).join('');
}

function stateOf(path: string): State {
  const found = lstatSync(path);
  const { ino, size, mtimeMs, ctimeMs, mode } = found;
  const folder = found.isDirectory();
  return {
    ...{ path, mode, changed: ctimeMs },
    kind: folder ? 'folder' : found.isFile() ? 'file' : found.isSymbolicLink() ? 'link' : 'other',
    written: folder ? '' : [ino, size, mtimeMs].join(' '),
  };
}

function prune(folder: string, paths: readonly string[]): void {
  for (const path of list(folder)) {
    if (!paths.includes(path)) rmSync(path, { recursive: true, force: true });
  }
}

/** Folders before what is in them; not the code that is kept, which is the same in every case. */
function list(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => !/(^|\/)compile-cache($|\/)/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
