import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { systemCode } from '../core/errors.ts';
import type { KeyringModule, Runtime } from '../core/runtime.ts';
import { keepCompiledCode } from './compile-cache.ts';

const load = createRequire(import.meta.url);
/** By its path, because the package itself takes long to search for its addon. */
const LOCK_ADDON = `fs-native-extensions/prebuilds/${process.platform}-${process.arch}/fs-native-extensions.node`;

/** The npm package, on Node.js 20.19 or newer. */
export const nodeRuntime: Runtime = {
  program: 'npm package',
  engine: `Node.js ${process.versions.node}`,
  optionVariables: /^NODE_(?:OPTIONS|DEBUG|V8_COVERAGE)$/,
  ...(isTooOld() && { cure: 'install Node.js 20.19 or newer' }),
  loadKeyring: () => load('@napi-rs/keyring') as KeyringModule,
  // libuv keeps files up to number 15 from programs that we start, and hands on all others
  inheritedFiles: () => [],
  isTerminal: (fd) => process.getBuiltinModule('node:tty').isatty(fd),
  openLock: (path) => {
    const addon = load(LOCK_ADDON) as LockAddon;
    const fd = openSync(path, 'a+', 0o600);
    return {
      tryLock: () => {
        try {
          addon.tryLock(fd, 0, 0, true);
          return true;
        } catch (error) {
          if (systemCode(error) === 'EAGAIN') return false;
          throw error;
        }
      },
      close: () => closeSync(fd),
    };
  },
  disownExtraAuthorities: () => {},
  keepCompiledCode,
  exitWithThreads: (code) => {
    replaceProcess(code);
    // without execve: an ordinary exit would join the blocked thread, but SIGKILL does not
    process.kill(process.pid, 'SIGKILL');
    return process.exit(code);
  },
};

function isTooOld(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major < 20 || (major === 20 && minor < 19);
}

interface LockAddon {
  /** @throws an error with the code EAGAIN if the lock is held */
  tryLock(fd: number, offset: number, length: number, exclusive: boolean): void;
}

/**
 * `process.execve` (Node 22.15) replaces this process by another program, which ends its threads
 * without joining them.
 */
function replaceProcess(code: number): void {
  const { execve } = process as { execve?: (file: string, args: string[], env: object) => void };
  if (process.platform !== 'win32') execve?.('/bin/sh', ['sh', '-c', `exit ${code}`], {});
}
