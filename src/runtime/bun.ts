import process from 'node:process';
import type { Runtime } from '../core/runtime.ts';
import { loadKeyring } from './bun-keyring.ts';
import { openLock } from './bun-lock.ts';

/** The executable compiled by Bun. */
export const bunRuntime: Runtime = {
  program: 'executable',
  engine: `Bun ${process.versions['bun']}`,
  optionVariables: ['BUN_OPTIONS', 'BUN_BE_BUN'],
  loadKeyring,
  openLock,
  // the executable already contains bytecode
  keepCompiledCode: () => {},
  // unlike Node, Bun does not join its threads on exit
  exitWithThreads: (code) => process.exit(code),
};
