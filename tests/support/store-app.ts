import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocks } from '../../src/adapters/lock.ts';
import type { Prompter } from '../../src/core/interaction.ts';
import { locatePaths } from '../../src/core/paths.ts';
import type { App, Env, Log } from '../../src/core/ports.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { nodeRuntime } from '../../src/runtime/node.ts';

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

export interface StoreApp {
  readonly app: App;
  /** Lines for people, marked with the method that said them. */
  readonly lines: string[];
  readonly hidden: string[];
  readonly asked: string[];
}

/** As much of the world as a secret store sees; locks are real. */
export function createStoreApp(options: StoreAppOptions): StoreApp {
  const lines: string[] = [];
  const hidden: string[] = [];
  const asked: string[] = [];
  const tell = (how: string) => (line: string) => {
    lines.push(`${how}: ${line}`);
  };
  const log: Log = {
    interactive: options.interactive ?? false,
    silent: false,
    say: tell('say'),
    done: tell('done'),
    warn: tell('warn'),
    verbose: tell('verbose'),
    debug: tell('debug'),
    registerSecret: (secret) => {
      hidden.push(secret);
    },
    release: () => {},
    leaveTerminal: () => {},
    redact: (text) => text,
  };
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
