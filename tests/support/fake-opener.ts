import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Opened {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What its file descriptors are. */
  readonly files: readonly string[];
  readonly folder: string;
  readonly pid: number;
  /** Its session; its own pid if it has one of its own. */
  readonly session: number;
}

export interface OpenerFolder {
  /** For `PATH`. */
  readonly path: string;
  /** A program that makes noise, notes how it was called, and then does this. @returns its path */
  add(name: string, then?: string): string;
  /** The last call, if there was one. */
  opened(name: string): Opened | undefined;
  remove(): void;
}

/** Programs in the place of browsers and their openers. */
export function createOpeners(): OpenerFolder {
  const path = mkdtempSync(join(tmpdir(), 'tokencli openers-'));
  const at = (name: string) => join(path, name);
  const read = (name: string) => readFileSync(at(name), 'utf8');
  return {
    path,
    add: (name, then = 'exit 0') => {
      writeFileSync(at(name), script(then));
      chmodSync(at(name), 0o755);
      return at(name);
    },
    opened: (name) => {
      if (!existsSync(at(`${name}.done`))) return undefined;
      const [pid, , , , , session] = read(`${name}.stat`).split(' ').map(Number);
      return {
        args: read(`${name}.args`).split('\0').slice(0, -1),
        env: Object.fromEntries(
          read(`${name}.env`)
            .split('\0')
            .slice(0, -1)
            .map((line) => line.split(/=(.*)/s, 2) as [string, string]),
        ),
        files: read(`${name}.files`).trim().split('\n'),
        folder: read(`${name}.folder`).trim(),
        pid: pid ?? 0,
        session: session ?? 0,
      };
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function script(then: string): string {
  return `#!/bin/sh
PATH=/usr/bin:/bin
echo noise; echo noise >&2
cat /proc/$$/environ >"$0.env"
cat /proc/$$/stat >"$0.stat"
pwd >"$0.folder"
find /proc/$$/fd -type l -printf '%f %l\\n' | sort -n | sed 's/^[0-9]* //' | cat >"$0.files"
printf '%s\\0' "$@" >"$0.args"
: >"$0.done"
${then}
`;
}
