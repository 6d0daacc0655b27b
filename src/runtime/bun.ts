import { dlopen } from 'bun:ffi';
import { existsSync, fstatSync, readdirSync } from 'node:fs';
import process from 'node:process';
import type { Runtime } from '../core/runtime.ts';
import { loadKeyring } from './bun-keyring.ts';
import { LIBC, openLock } from './bun-lock.ts';

/** The executable compiled by Bun. */
export const bunRuntime: Runtime = {
  program: 'executable',
  engine: `Bun ${process.versions['bun']}`,
  optionVariables: /^BUN_(?:OPTIONS|BE_BUN|INSPECT|JSC_.*)$/,
  loadKeyring,
  inheritedFiles,
  isTerminal,
  openLock,
  disownExtraAuthorities,
  // the executable already contains bytecode
  keepCompiledCode: () => {},
  // unlike Node, Bun does not join its threads on exit
  exitWithThreads: (code) => process.exit(code),
};

/** Bun hands on only the files that it is told to. Sockets and epoll files are Bun's own. */
function inheritedFiles(): number[] {
  if (!existsSync('/dev/fd')) return [];
  return readdirSync('/dev/fd')
    .map(Number)
    .filter((fd) => fd > 2 && isFromShell(fd));
}

function isFromShell(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return found.isFile() || found.isFIFO() || found.isCharacterDevice();
  } catch {
    // the listing itself was an open file, which is closed by now
    return false;
  }
}

/**
 * Calls isatty(3), because Bun takes as long to load `node:tty` as for all else of a cached call
 * (measured).
 */
function isTerminal(fd: number): boolean {
  if (process.platform === 'win32') return process.getBuiltinModule('node:tty').isatty(fd);
  const { isatty } = dlopen(LIBC, { isatty: { args: ['i32'], returns: 'i32' } }).symbols;
  return isatty(fd) === 1;
}

/** `process.env` keeps the variable, for us and for the programs that we start. */
function disownExtraAuthorities(): void {
  if (process.platform === 'win32') return;
  const { unsetenv } = dlopen(LIBC, { unsetenv: { args: ['cstring'], returns: 'i32' } }).symbols;
  unsetenv(Buffer.from('NODE_EXTRA_CA_CERTS\0'));
}
