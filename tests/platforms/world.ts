import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProgram, type Terminal } from '../support/terminal.ts';
import type { Machine } from './machines.ts';

export interface RunOptions {
  readonly input?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds, then the process is killed. */
  readonly killAfter?: number;
}

export interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A home and a working folder on a machine. */
export interface World {
  readonly machine: Machine;
  /** How the machine calls a file of the working folder. */
  at(name: string): string;
  write(name: string, content: string | Buffer): void;
  read(name: string): string;
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  /** Any words that start a program on the machine. */
  start(words: readonly string[], options?: RunOptions): Promise<Result>;
  terminal(args: readonly string[]): Terminal;
  remove(): void;
}

const HOME = 'Ada Löwe 中';
/** Of a terminal: a sign-in link fits into a line. */
const COLUMNS = 2000;
const PATIENCE = 600_000;

/** @param more environment of every process */
export function createWorld(
  machine: Machine,
  more: Readonly<Record<string, string | undefined>>,
): World {
  const root = mkdtempSync(join(tmpdir(), 'tokencli-platforms-'));
  const folder = join(root, HOME);
  const streams = join(root, 'streams');
  mkdirSync(folder);
  mkdirSync(streams);
  const at = (name: string) => machine.path(join(folder, name));
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    LANG: 'C.UTF-8',
    TOKENCLI_HOME: at('.tokencli'),
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...machine.env,
    ...more,
  };
  let count = 0;
  // Wine cannot use the pipes of Linux, so every stream is a file
  const start = (words: readonly string[], options: RunOptions = {}): Promise<Result> => {
    count += 1;
    const [input, out, err] = ['in', 'out', 'err'].map((end) => join(streams, `${count}.${end}`));
    writeFileSync(input!, options.input ?? '');
    const stdio = [openSync(input!, 'r'), openSync(out!, 'w'), openSync(err!, 'w')];
    const [first = '', ...rest] = words;
    const child = spawn(first, rest, { cwd: folder, env: { ...env, ...options.env }, stdio });
    for (const fd of stdio) closeSync(fd);
    const limit = setTimeout(() => child.kill('SIGKILL'), options.killAfter ?? PATIENCE);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code) => {
        clearTimeout(limit);
        resolve({ code, out: readFileSync(out!, 'utf8'), err: readFileSync(err!, 'utf8') });
      });
    });
  };
  return {
    machine,
    at,
    write: (name, content) => {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content, { mode: 0o600 });
    },
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    start,
    run: (args, options) => start([...machine.words, ...args], options),
    terminal: (args) =>
      openProgram([...machine.words, ...args], env as Record<string, string>, {
        columns: COLUMNS,
      }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What differs by nature: paths, tokens, ids, hashes and times. */
export function withoutChance(text: string, { at, machine }: World): string {
  const own = at('x').slice(0, -2);
  const spellings = [JSON.stringify(own).slice(1, -1), own];
  const rooted = spellings.reduce((result, each) => result.replaceAll(each, '~'), text);
  const paths = machine.isWindows
    ? rooted.replace(/~[^\s'"]*/g, (path) => path.replaceAll(/\\+/g, '/'))
    : rooted;
  return paths
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, 'TOKEN')
    .replace(/\b[0-9a-f]{32}\b/g, 'ID')
    .replace(/\b(correlation|trace) id [0-9a-f-]{36}/g, '$1 id GUID')
    .replace(/(?<![\w+/])(?:[0-9A-F]{64}\b|[0-9A-F]{40}\b|[\w+/]{43}=|[\w+/]{27}=)/g, 'HASH')
    .replace(/\b\d{10}\b|(?<="timeLeftSeconds":)-\d+/g, 'SECONDS')
    .replace(/ {2,}/g, '  ')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?/g, 'DATE');
}
