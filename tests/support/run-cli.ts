import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, program } from './built-cli.ts';

export interface RunOptions {
  /** Added to an environment of PATH, HOME and LANG alone. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What stdin gives; without it stdin is empty. */
  readonly input?: string | Buffer;
  /** The user's home; a fresh one that is removed afterwards by default. */
  readonly home?: string;
  readonly cwd?: string;
  /** Milliseconds, then SIGKILL. */
  readonly timeout?: number;
  /** A file of further authorities for NODE_EXTRA_CA_CERTS. */
  readonly caFile?: string;
  /** The other program, or the words that start another installation. */
  readonly program?: Program | readonly string[];
  /** Put in front of the command line, for example `setpriv …`. */
  readonly before?: readonly string[];
  /** Sees the process as soon as it runs. */
  readonly watch?: (child: ChildProcess) => void;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

const TIMEOUT = 60_000;

/** Runs the program as a script would: no terminal, nothing of ours in the environment. */
export async function runCli(args: readonly string[], options: RunOptions = {}) {
  const words = [...(options.before ?? []), ...(await startOf(options)), ...args];
  return withHome(options, (home) => run(words, home, options));
}

/**
 * Runs the command in a pseudo-terminal of 80 columns, as a person would; stdout goes to a file, as
 * in `TOKEN=$(tokencli …)`. What the terminal showed is `err`.
 */
export async function runInTerminal(args: readonly string[], options: RunOptions = {}) {
  const words = await startOf(options);
  const folder = mkdtempSync(join(tmpdir(), 'tokencli-terminal-'));
  const captured = join(folder, 'stdout');
  const command = [...words, ...args].map(quote).join(' ');
  const inside = `stty cols 80 rows 24; ${command} >${quote(captured)}`;
  try {
    const result = await withHome(options, (home) =>
      run(['script', '-qec', inside, '/dev/null'], home, {
        ...options,
        env: { TERM: 'xterm-256color', ...options.env },
      }),
    );
    return { ...result, out: readFileSync(captured, 'utf8'), err: result.out };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function startOf({ program: wanted }: RunOptions): Promise<readonly string[]> {
  if (wanted === undefined || typeof wanted === 'string') return program(wanted);
  return Promise.resolve(wanted);
}

async function withHome<T>({ home }: RunOptions, work: (home: string) => Promise<T>): Promise<T> {
  if (home !== undefined) return work(home);
  const fresh = mkdtempSync(join(tmpdir(), 'tokencli-home-'));
  try {
    return await work(fresh);
  } finally {
    rmSync(fresh, { recursive: true });
  }
}

function run(words: readonly string[], home: string, options: RunOptions): Promise<RunResult> {
  const [program = '', ...args] = words;
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    LANG: 'C.UTF-8',
    ...(options.caFile && { NODE_EXTRA_CA_CERTS: options.caFile }),
    ...options.env,
  };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd: options.cwd ?? home });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const limit = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? TIMEOUT);
    child.stdout.on('data', (part) => out.push(part));
    child.stderr.on('data', (part) => err.push(part));
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, out: text(out), err: text(err) });
    });
    options.watch?.(child);
    child.stdin.end(options.input ?? '');
  });
}

function text(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString();
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
