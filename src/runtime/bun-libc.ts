import { existsSync } from 'node:fs';
import process from 'node:process';

/** The C library of this system: musl has a file of its own for each processor. */
export const LIBC = findLibc();

function findLibc(): string {
  if (process.platform === 'darwin') return 'libSystem.B.dylib';
  const processor = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const musl = `/lib/ld-musl-${processor}.so.1`;
  return existsSync(musl) ? musl : 'libc.so.6';
}
