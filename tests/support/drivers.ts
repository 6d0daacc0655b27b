import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BUN, bundleForNode } from './bun.ts';

/** A driver is a small program that does what a test asks for in one of the two runtimes. */
export type Driver = 'keyring' | 'lock';
export type Engine = 'Node' | 'Bun';

export const ENGINES: readonly Engine[] = ['Node', 'Bun'];

/**
 * The command that starts a driver. Node gets it as a bundle, since Node 20 reads no TypeScript.
 * @param folder for the bundle
 */
export function driverCommand(driver: Driver, engine: Engine, folder: string): readonly string[] {
  const source = resolve(`tests/support/${driver}-driver-${engine.toLowerCase()}.ts`);
  if (engine === 'Bun') {
    provideKeyringModule();
    return [BUN, source];
  }
  const outfile = join(folder, `${driver}-driver.mjs`);
  // native packages are found from here, not from the folder of the bundle
  const here = `--define=import.meta.url=${JSON.stringify(pathToFileURL(source).href)}`;
  bundleForNode([source, here, `--outfile=${outfile}`]);
  return [process.execPath, outfile];
}

/** The file that the build of the executable embeds. */
function provideKeyringModule(): void {
  const target = resolve('build/standalone/keyring-module.bin');
  if (existsSync(target)) return;
  mkdirSync(resolve('build/standalone'), { recursive: true });
  const module = createRequire(import.meta.url).resolve('@napi-rs/keyring-linux-x64-gnu');
  copyFileSync(module, target);
}

export interface Ended {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the start, and from the last text on stdout, to the end of the process. */
  readonly milliseconds: number;
  readonly afterLastText: number;
}

export interface RunningDriver {
  readonly pid: number;
  readonly end: Promise<Ended>;
  /** What the driver has printed, once it is that. */
  waitFor(text: string): Promise<void>;
}

/** @param script what the driver is told, as its last argument */
export function startDriver(
  [program = '', ...args]: readonly string[],
  script: object,
  env: Readonly<Record<string, string | undefined>> = {},
): RunningDriver {
  const started = performance.now();
  const child = spawn(program, [...args, JSON.stringify(script)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err, lastText] = ['', '', started];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
    lastText = performance.now();
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    err += part;
  });
  const end = new Promise<Ended>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      const now = performance.now();
      done({ out, err, code, signal, milliseconds: now - started, afterLastText: now - lastText });
    });
  });
  return {
    pid: child.pid ?? 0,
    end,
    waitFor: (text) =>
      new Promise((done, fail) => {
        const look = () => out.includes(text) && done();
        look();
        child.stdout.on('data', look);
        child.on('close', () => fail(new Error(`ended with ${JSON.stringify({ out, err })}`)));
      }),
  };
}
