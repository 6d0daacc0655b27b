import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import type { App } from '../../core/ports.ts';

export type Surroundings = Pick<App, 'env' | 'platform'>;

/** What of the machine tells where we are. */
export interface Machine {
  exists(path: string): boolean;
  /** @returns '' where there is no such file */
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
  isProgram: (path) => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  },
};

const CONTAINER_FILES = ['/.dockerenv', '/run/.containerenv'];
const CONTAINER_GROUPS = /docker|kubepods|containerd|libpod|lxc/;
// the second name is that of WSL 2.5 and later
const INTEROP = ['WSLInterop', 'WSLInterop-late'].map((name) => `/proc/sys/fs/binfmt_misc/${name}`);

/** @returns what stands between a person and a browser that we start here, such as `an SSH session` */
export function findReason(world: Surroundings, machine: Machine): string | undefined {
  const { env, platform } = world;
  if (env['BROWSER'] || hasDisplay(world)) return undefined;
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return 'an SSH session';
  if (platform === 'darwin' || platform === 'win32') return undefined;
  if (isContainer(machine)) return 'a container';
  if (!isWsl(machine)) return 'a machine without a display';
  return reachesWindows(machine) ? undefined : 'WSL without Windows interoperability';
}

/** Of X or Wayland: with a remote one (`ssh -X`) a browser of this machine is seen as well. */
export function hasDisplay({ env, platform }: Surroundings): boolean {
  if (platform === 'darwin' || platform === 'win32') return false;
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

/** Windows programs can be started from here. */
export function reachesWindows(machine: Machine): boolean {
  return isWsl(machine) && !isContainer(machine) && INTEROP.some(machine.exists);
}

/** A container on WSL has its kernel too. */
function isWsl(machine: Machine): boolean {
  return /microsoft/i.test(machine.read('/proc/sys/kernel/osrelease'));
}

function isContainer(machine: Machine): boolean {
  return (
    CONTAINER_FILES.some(machine.exists) || CONTAINER_GROUPS.test(machine.read('/proc/1/cgroup'))
  );
}
