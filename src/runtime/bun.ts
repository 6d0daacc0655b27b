import process from 'node:process';
import type { Runtime } from '../core/runtime.ts';
import { loadKeyring } from './bun-keyring.ts';
import { openLock } from './bun-lock.ts';

/** The executable, which Bun has compiled. */
export const bunRuntime: Runtime = {
  program: 'executable',
  engine: `Bun ${process.versions['bun']}`,
  optionVariables: ['BUN_OPTIONS', 'BUN_BE_BUN'],
  loadKeyring,
  openLock,
  // the build has compiled everything
  keepCompiledCode: () => {},
  // unlike Node, Bun does not wait for its threads
  exitWithThreads: (code) => process.exit(code),
};
