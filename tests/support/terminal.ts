import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './built-cli.ts';

export interface Terminal {
  /** Everything that was shown until now, control sequences included. */
  screen(): string;
  /** Waits until the text is shown after what the last wait found. */
  waitFor(text: string): Promise<void>;
  /** Presses keys. */
  type(keys: string): void;
  /** Waits for the end of the command. `out` is its stdout, which was no terminal. */
  ended(): Promise<{ code: number | null; out: string }>;
  /** Hangs up, and waits until all that ran in the terminal has ended. */
  close(): Promise<void>;
}

/** Of util-linux: runs a command in a pseudo-terminal. */
const PROGRAM = 'script';
const PATIENCE = 60_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal obeys
const CONTROLS = /\u001b\[[0-9;?]*[a-zA-Z]/g;

/** Starts the program in a pseudo-terminal of 80 columns; a test sits in front of it. */
export async function openTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Terminal> {
  return openProgram([...(await program()), ...args], env);
}

/**
 * The same for any program.
 * @param whole stdout is the terminal too, and `out` stays empty
 */
export function openProgram(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { whole = false, columns = 80 } = {},
): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'tokencli-terminal-'));
  const out = join(folder, 'stdout');
  const words = command.map((word) => `'${word}'`).join(' ');
  if (whole) writeFileSync(out, '');
  const inside = `stty cols ${columns} rows 24; ${words}${whole ? '' : ` >'${out}'`}`;
  const child = spawn(PROGRAM, ['-qec', inside, '/dev/null'], {
    env: { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm-256color', ...env },
    // the fourth is held by all that runs inside: "close" comes only when the last of them has ended
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  let shown = '';
  let read = 0;
  const exit = new Promise<number | null>((resolve) => {
    child.on('close', (code) => resolve(code));
  });
  child.stdout.on('data', (part) => {
    shown += String(part);
  });
  child.stdin.on('error', () => {});

  return {
    screen: () => shown,
    waitFor: async (text) => {
      for (const start = performance.now(); ; ) {
        const plain = shown.replace(CONTROLS, '');
        const at = plain.indexOf(text, read);
        if (at !== -1) {
          read = at + text.length;
          return;
        }
        if (performance.now() - start > PATIENCE) {
          throw new Error(`"${text}" was not shown: ${plain.slice(read)}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    type: (keys) => {
      child.stdin.write(keys);
    },
    ended: async () => ({ code: await exit, out: readFileSync(out, 'utf8') }),
    close: async () => {
      child.kill('SIGKILL');
      // a shell writes its history when the terminal hangs up
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
