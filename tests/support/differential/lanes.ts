import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Order {
  /** `quick`: the built command; `full`: its full command line, past the quick lane. */
  readonly lane: 'quick' | 'full';
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The working folder. */
  readonly folder: string;
  /** What the wall clock shows for the whole run, in milliseconds. */
  readonly time: number;
}

export interface LaneResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Nothing but the entry had a hand in it. */
  readonly alone: boolean;
  /** What no run may do: leave something behind, go on after its end, throw past everything. */
  readonly faults: readonly string[];
}

/** A process that runs command lines one after the other; see `lane-worker.mjs`. */
export interface Lanes {
  run(order: Order): Promise<LaneResult>;
  stop(): Promise<void>;
}

const WORKER = fileURLToPath(new URL('lane-worker.mjs', import.meta.url));
const PATIENCE = 60_000;

/** @param cli the built command. @param scratch a folder for what it writes to stdout and stderr */
export function startLanes(cli: string, scratch: string): Lanes {
  mkdirSync(scratch, { recursive: true });
  const [input, ...outputs] = ['stdin', 'stdout', 'stderr'].map((name) => join(scratch, name));
  writeFileSync(input ?? '', '');
  const files = [openSync(input ?? '', 'r'), ...outputs.map((path) => openSync(path, 'a+'))];
  const child = spawn(process.execPath, [WORKER, cli], {
    env: { PATH: process.env['PATH'] },
    stdio: [...files, 'pipe', 'pipe'],
  });
  for (const file of files) closeSync(file);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const [orders, results] = child.stdio.slice(3) as unknown as [Socket, Socket];
  orders.on('error', () => {});
  const lines = createInterface({ input: results });
  return {
    run: (order) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
        const done = (line: string) => {
          child.removeListener('exit', gone);
          clearTimeout(timer);
          resolve(JSON.parse(line) as LaneResult);
        };
        const gone = () => {
          lines.removeListener('line', done);
          clearTimeout(timer);
          reject(new Error(describeEnd(child, outputs)));
        };
        if (isGone(child)) return gone();
        lines.once('line', done);
        child.once('exit', gone);
        orders.write(`${JSON.stringify(order)}\n`);
      }),
    stop: async () => {
      orders.end();
      await ended;
      lines.close();
      orders.destroy();
      results.destroy();
    },
  };
}

function isGone({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function describeEnd({ exitCode, signalCode }: ChildProcess, outputs: readonly string[]): string {
  const texts = outputs.map((path) => readFileSync(path, 'utf8'));
  return `the process of the lanes ended (${signalCode ?? exitCode}): ${texts.join('')}`;
}
