import { dlopen, ptr, read } from 'bun:ffi';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import process from 'node:process';
import type { FileLock } from '../core/runtime.ts';

/** The C library. musl accepts this name of glibc too. */
export const LIBC = process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6';

// The npm package locks files with the addon of `fs-native-extensions`. The executable must use the
// same kinds of locks, because different kinds do not exclude each other.

/** @throws an error with the system's `code` */
export function openLock(path: string): FileLock {
  if (process.platform === 'win32') return openWindowsLock(path);
  const fd = openSync(path, 'a+', 0o600);
  const tryOnce = process.platform === 'darwin' ? tryFlock : tryOpenFileLock;
  return { tryLock: () => tryOnce(fd), close: () => closeSync(fd) };
}

// <fcntl.h> and <sys/file.h>
const F_OFD_SETLK = 37;
const F_WRLCK = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;

/** Locks the whole file with an open file description lock (fcntl(2)). */
function tryOpenFileLock(fd: number): boolean {
  const { fcntl, __errno_location } = dlopen(LIBC, {
    fcntl: { args: ['i32', 'i32', 'ptr'], returns: 'i32' },
    __errno_location: { args: [], returns: 'ptr' },
  }).symbols;
  // struct flock: short l_type, short l_whence, off_t l_start, off_t l_len, pid_t l_pid;
  // all of them 0 except l_type
  const range = new Int16Array(16);
  range[0] = F_WRLCK;
  return isLocked(fcntl(fd, F_OFD_SETLK, ptr(range)), () => read.i32(__errno_location() ?? 0));
}

/** Locks the whole file with flock(2). */
function tryFlock(fd: number): boolean {
  const { flock, __error } = dlopen(LIBC, {
    flock: { args: ['i32', 'i32'], returns: 'i32' },
    __error: { args: [], returns: 'ptr' },
  }).symbols;
  return isLocked(flock(fd, LOCK_EX + LOCK_NB), () => read.i32(__error() ?? 0));
}

/**
 * @returns false if another owner holds the lock.
 * @throws an error with the system's `code` for any other failure
 */
function isLocked(result: number, readErrno: () => number): boolean {
  if (result === 0) return true;
  const errno = readErrno();
  const { errno: numbers } = constants;
  if (errno === numbers.EAGAIN || errno === numbers.EACCES) return false;
  const code = Object.entries(numbers).find(([, value]) => value === errno)?.[0] ?? String(errno);
  throw Object.assign(new Error(`cannot lock: ${code}`), { code });
}

// <fileapi.h>, <minwinbase.h>, <winerror.h>
const GENERIC_READ_WRITE = 0xc0000000;
const SHARE_ALL = 7;
const OPEN_ALWAYS = 4;
const NORMAL_FILE = 0x80;
const EXCLUSIVE_AT_ONCE = 3;
const ALL_BYTES = 0xffffffff;
const ERROR_LOCK_VIOLATION = 33;
const ERROR_IO_PENDING = 997;
const INVALID_HANDLE = 0xffffffffffffffffn;

/**
 * Locks the whole file with LockFileEx, which needs a Windows handle instead of a file descriptor.
 */
function openWindowsLock(path: string): FileLock {
  const { CreateFileW, LockFileEx, CloseHandle, GetLastError } = dlopen('kernel32.dll', {
    CreateFileW: { args: ['ptr', 'u32', 'u32', 'ptr', 'u32', 'u32', 'u64'], returns: 'u64' },
    LockFileEx: { args: ['u64', 'u32', 'u32', 'u32', 'u32', 'ptr'], returns: 'i32' },
    CloseHandle: { args: ['u64'], returns: 'i32' },
    GetLastError: { args: [], returns: 'u32' },
  }).symbols;
  const name = Buffer.from(`${path}\0`, 'utf16le');
  const how = [GENERIC_READ_WRITE, SHARE_ALL, null, OPEN_ALWAYS, NORMAL_FILE, 0] as const;
  const handle = BigInt(CreateFileW(ptr(name), ...how));
  if (handle === INVALID_HANDLE) throw windowsError(GetLastError());
  return {
    tryLock: () => {
      // struct OVERLAPPED, all 0: the range begins at offset 0
      const range = ptr(new Uint8Array(32));
      const done = LockFileEx(handle, EXCLUSIVE_AT_ONCE, 0, ALL_BYTES, ALL_BYTES, range);
      if (done !== 0) return true;
      const reason = GetLastError();
      if (reason === ERROR_LOCK_VIOLATION || reason === ERROR_IO_PENDING) return false;
      throw windowsError(reason);
    },
    close: () => void CloseHandle(handle),
  };
}

/** Codes of Windows' errors; a share without locks answers 1 or 50. */
const WINDOWS_CODES: Readonly<Record<number, string>> = {
  1: 'ENOTSUP',
  2: 'ENOENT',
  3: 'ENOENT',
  5: 'EACCES',
  32: 'EBUSY',
  50: 'ENOTSUP',
};

function windowsError(number: number): Error {
  const code = WINDOWS_CODES[number] ?? `ERROR ${number}`;
  return Object.assign(new Error(`cannot lock: ${code}`), { code });
}
