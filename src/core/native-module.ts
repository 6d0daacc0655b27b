import { join } from 'node:path';
import { dlopen } from 'node:process';

/**
 * Opens a native module of the build where npm puts it. It is what `require` does last; what that does
 * before costs a fortieth of a start (measured).
 * @param file inside node_modules
 * @returns undefined if it is somewhere else, or if `require` has to say what is wrong with it
 */
export function openNativeModule(file: string): unknown {
  const module = { exports: {} };
  try {
    dlopen(module, join(import.meta.dirname, '../node_modules', file));
  } catch {
    return undefined;
  }
  return module.exports;
}
