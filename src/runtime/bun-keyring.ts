import { dlopen } from 'bun:ffi';
import { closeSync, readFileSync, writeSync } from 'node:fs';
import process from 'node:process';
import embedded from '../../build/standalone/keyring-module.bin' with { type: 'file' };
import type { KeyringModule } from '../core/runtime.ts';
import { LIBC } from './bun-lock.ts';

/** @throws the loader's error where the module does not fit this machine */
export function loadKeyring(): KeyringModule {
  const module = { exports: {} };
  if (process.platform === 'linux') loadFromMemory(module);
  // Bun unpacks it into the folder for temporary files, which is the user's own on these systems
  else process.dlopen(module, embedded);
  return module.exports as KeyringModule;
}

/**
 * The loader wants a file. One in the folder for temporary files could be another user's, and that
 * folder may be read-only or forbid programs; a file in memory is nobody else's and needs no folder.
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
