import process from 'node:process';

/**
 * The C library of this process. The loader of musl knows itself by the name that glibc has; a path would
 * load another one beside the own, where both are installed.
 */
export const LIBC = process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6';
