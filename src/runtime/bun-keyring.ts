import { dlopen } from 'bun:ffi';
import { closeSync, readFileSync, writeSync } from 'node:fs';
import process from 'node:process';
import embedded from '../../build/standalone/keyring-module.bin' with { type: 'file' };
import type { KeyringModule } from '../core/runtime.ts';
import { LIBC } from './bun-lock.ts';

/** Loads the native module that is embedded in the executable. @throws the loader's error */
export function loadKeyring(): KeyringModule {
  const module = { exports: {} };
  if (process.platform === 'linux') loadFromMemory(module);
  // Bun extracts it to the folder for temporary files, which on these systems belongs to the user
  else process.dlopen(module, embedded);
  return module.exports as KeyringModule;
}

/**
 * The loader needs a file. On Linux the folder for temporary files is shared by all users, and it
 * may be read-only or mounted with `noexec`, so the file is created in memory (memfd_create).
 */
function loadFromMemory(module: object): void {
  const { memfd_create } = dlopen(LIBC, {
    memfd_create: { args: ['cstring', 'u32'], returns: 'i32' },
  }).symbols;
  const fd = memfd_create(Buffer.from('keyring\0'), 0);
  if (fd < 0) throw new Error('the system makes no files in memory');
  try {
    writeSync(fd, readFileSync(embedded));
    process.dlopen(module, `/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}
