import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocks } from '../../src/adapters/lock.ts';
import type { Prompter } from '../../src/core/interaction.ts';
import { locatePaths } from '../../src/core/paths.ts';
import type { App, Env } from '../../src/core/ports.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { nodeRuntime } from '../../src/runtime/node.ts';
import { createRecordedLog, type RecordedLog } from './recorded-log.ts';

export interface StoreAppOptions {
  readonly home: string;
  readonly env?: Env;
  readonly interactive?: boolean;
  readonly interrupted?: AbortSignal;
  /** That of Node if left out. */
  readonly runtime?: Runtime;
  /** What is typed, one answer per question; a refused one is followed by the next. */
  readonly passwords?: readonly string[];
}

export interface StoreApp extends Pick<RecordedLog, 'lines' | 'hidden'> {
  readonly app: App;
  readonly asked: string[];
}

/** As much of the world as a secret store sees; locks are real. */
export function createStoreApp(options: StoreAppOptions): StoreApp {
  const { log, lines, hidden } = createRecordedLog(options.interactive);
  const asked: string[] = [];
  const answers = [...(options.passwords ?? [])];
  const prompter: Partial<Prompter> = {
    password: async ({ message, validate }) => {
      asked.push(message);
      for (;;) {
        const answer = answers.shift();
        if (answer === undefined) throw new Error(`nobody answers: ${message}`);
        const wrong = validate?.(answer);
        if (wrong === undefined) return answer;
        asked.push(wrong);
      }
    },
  };
  const paths = locatePaths(options.home, undefined);
  const { runtime = nodeRuntime } = options;
  const app = {
    env: options.env ?? {},
    platform: process.platform,
    runtime,
    nativeCalls: { running: 0 },
    paths,
    log,
    interrupted: options.interrupted ?? new AbortController().signal,
    locks: async () => createLocks(runtime, paths.lockFolder, log),
    prompter: async () => prompter,
  } as unknown as App;
  return { app, lines, hidden, asked };
}

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

export function createTemporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'tokencli-store-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
