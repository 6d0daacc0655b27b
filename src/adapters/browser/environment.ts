import { existsSync, readFileSync } from 'node:fs';
import { isProgram } from '../../core/find-program.ts';
import type { App } from '../../core/ports.ts';

export type Environment = Pick<App, 'env' | 'platform'>;

/** Access to the files of this machine. */
export interface Machine {
  exists(path: string): boolean;
  /** @returns '' if the file cannot be read */
  read(path: string): string;
  isProgram(path: string): boolean;
}

export const THIS_MACHINE: Machine = {
  exists: existsSync,
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  },
  isProgram,
};

const CONTAINER_FILES = ['/.dockerenv', '/run/.containerenv'];
const CONTAINER_GROUPS = /docker|kubepods|containerd|libpod|lxc/;
// the second name is used since WSL 2.5
const INTEROP = ['WSLInterop', 'WSLInterop-late'].map((name) => `/proc/sys/fs/binfmt_misc/${name}`);

/**
 * @returns why the person's browser may run on another machine, such as `an SSH session`; undefined if
 *   it probably does not
 */
export function whyBrowserIsElsewhere(world: Environment, machine: Machine): string | undefined {
  const { env, platform } = world;
  if (hasDisplay(world)) return undefined;
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return 'an SSH session';
  if (platform === 'darwin' || platform === 'win32') return undefined;
  if (isContainer(machine)) return 'a container';
  if (!isWsl(machine)) return 'a machine without a display';
  return reachesWindows(machine) ? undefined : 'WSL without Windows interoperability';
}

/**
 * True if there is an X or Wayland display; a remote one (`ssh -X`) shows a browser of this machine
 * too.
 */
export function hasDisplay({ env, platform }: Environment): boolean {
  if (platform === 'darwin' || platform === 'win32') return false;
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

/** True in WSL if Windows programs can be started. */
export function reachesWindows(machine: Machine): boolean {
  return isWsl(machine) && !isContainer(machine) && INTEROP.some(machine.exists);
}

/** Also true in a container on WSL, which has the same kernel. */
function isWsl(machine: Machine): boolean {
  return /microsoft/i.test(machine.read('/proc/sys/kernel/osrelease'));
}

function isContainer(machine: Machine): boolean {
  return (
    CONTAINER_FILES.some(machine.exists) || CONTAINER_GROUPS.test(machine.read('/proc/1/cgroup'))
  );
}
