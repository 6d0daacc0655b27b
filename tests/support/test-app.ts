import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgeFiles } from '../../src/adapters/age/age.ts';
import { createApp } from '../../src/cli/app.ts';
import { run } from '../../src/cli/run.ts';
import type { App, Env, Io, StoreKind } from '../../src/core/ports.ts';
import { createLog } from '../../src/output/log.ts';
import { nodeRuntime } from '../../src/runtime/node.ts';
import { createFakePrompter, type FakePrompter } from './fake-prompter.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

/** Everything about age is real, but the time that a passphrase costs. */
export const cheapAge = createAgeFiles({ interrupted: new AbortController().signal }, 2);

export interface CallOptions {
  readonly env?: Env;
  readonly stdin?: string | Buffer;
  /** Makes stdin and stderr a terminal, and answers its questions. */
  readonly answers?: readonly (string | boolean)[];
}

export interface TestApp {
  readonly folder: string;
  /** Where profiles.json is. */
  readonly profilesPath: string;
  /** What stands behind `app.secretStore`, by kind. */
  readonly stores: Readonly<Record<StoreKind, MemoryStore>>;
  /** Runs one command line in this process. */
  cli(args: readonly string[], options?: CallOptions): Promise<CallResult>;
  /** The world as a use case sees it. */
  app(options?: CallOptions): App;
  writeProfiles(content: unknown): void;
  /** The parsed profiles.json. */
  profiles(): { profiles: Record<string, unknown>[]; [field: string]: unknown };
  /** The bytes of profiles.json, undefined if there is none. */
  text(): string | undefined;
  /** Writes a file into the working folder. @returns its path */
  file(name: string, content: string | Buffer): string;
  remove(): void;
}

export interface CallResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly prompter: FakePrompter;
}

/** tokencli in one process: memory for streams and secrets, a script for the person, real files. */
export function createTestApp(): TestApp {
  const folder = mkdtempSync(join(tmpdir(), 'tokencli-app-'));
  const home = join(folder, 'home');
  const started = Date.now() / 1000;
  const profilesPath = join(home, 'profiles.json');
  const stores = {
    keyring: createMemoryStore({ kind: 'keyring' }),
    file: createMemoryStore({ kind: 'file' }),
  };
  const world = (options: CallOptions, io: Io, prompter: FakePrompter, silent = false): App => {
    const interactive = options.answers !== undefined;
    const log = createLog(io, { silent, verbosity: 'normal', interactive });
    const host = {
      io,
      env: { TOKENCLI_HOME: home, ...options.env },
      version: '9.8.7',
      runtime: nodeRuntime,
      nativeCalls: { running: 0 },
      platform: 'linux' as const,
      userHome: folder,
      workingFolder: folder,
      clock: { now: () => started },
      interrupted: new AbortController().signal,
      takeSignals: () => () => {},
    };
    return {
      ...createApp(host, log),
      prompter: async () => prompter,
      age: async () => cheapAge,
      secretStore: async (kind) => stores[kind],
    };
  };
  return {
    folder,
    profilesPath,
    stores,
    cli: async (args, options = {}) => {
      const { io, seen } = memoryIo(options);
      const prompter = createFakePrompter(options.answers ?? []);
      const factory = async ({ silent }: { silent: boolean }) =>
        world(options, io, prompter, silent);
      return {
        code: await run(args, factory, new Promise(() => {})),
        ...seen(),
        prompter,
      };
    },
    app: (options = {}) =>
      world(options, memoryIo(options).io, createFakePrompter(options.answers ?? [])),
    writeProfiles: (content) => {
      mkdirSync(home, { recursive: true, mode: 0o700 });
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      writeFileSync(profilesPath, text, { mode: 0o600 });
    },
    profiles: () => JSON.parse(readFileSync(profilesPath, 'utf8')),
    text: () => (existsSync(profilesPath) ? readFileSync(profilesPath, 'utf8') : undefined),
    file: (name, content) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function memoryIo({ answers, stdin = '' }: CallOptions) {
  const seen = { out: '', err: '' };
  const terminal = answers !== undefined;
  const io: Io = {
    writeStdout: async (text) => {
      seen.out += text;
    },
    writeStderr: (text) => {
      seen.err += text;
    },
    showStatus: () => {},
    readStdin: async () => Buffer.from(stdin),
    stdinIsTty: terminal,
    stdoutIsTty: false,
    stderrIsTty: terminal,
    columns: 80,
  };
  return { io, seen: () => ({ ...seen }) };
}
