import { writeSync } from 'node:fs';
import { createKeyring } from '../../src/adapters/keyring/keyring.ts';
import { CliError } from '../../src/core/errors.ts';
import type { SecretStore } from '../../src/core/ports.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { createStoreApp } from './store-app.ts';

export type Step =
  | { readonly op: 'get' | 'delete'; readonly account: string }
  | { readonly op: 'set'; readonly account: string; readonly value: string }
  | { readonly op: 'list' };

/** What the driver is told, as JSON. */
export interface KeyringScript {
  readonly home: string;
  readonly interactive?: boolean;
  /** All steps at once, instead of one after the other. */
  readonly atOnce?: boolean;
  readonly steps: readonly Step[];
  /** The exit code of the driver. */
  readonly code: number;
}

export type Answer = { readonly milliseconds: number } & (
  | { readonly value?: unknown }
  | { readonly error: { readonly code: string; readonly message: string } }
);

/** What it prints, as JSON. */
export interface KeyringReport {
  readonly answers: readonly Answer[];
  /** For people, marked with the method that said them. */
  readonly lines: readonly string[];
}

/** A program that asks the keyring as a command does, and ends as `src/main.ts` does. */
export async function driveKeyring(runtime: Runtime): Promise<void> {
  const script: KeyringScript = JSON.parse(process.argv[2] ?? '');
  const { home, interactive = false } = script;
  const controller = new AbortController();
  process.on('SIGINT', () => controller.abort(new CliError('interrupted', 'interrupted')));
  const interrupted = controller.signal;
  const { app, lines } = createStoreApp({ home, interactive, interrupted, runtime });
  const keyring = createKeyring(app);
  const answers: Answer[] = [];
  writeSync(1, 'begun\n');
  if (script.atOnce) {
    answers.push(...(await Promise.all(script.steps.map((step) => take(keyring, step)))));
  } else {
    for (const step of script.steps) answers.push(await take(keyring, step));
  }
  const report: KeyringReport = { answers, lines };
  writeSync(1, JSON.stringify(report));
  if (app.nativeCalls.running > 0) runtime.exitWithThreads(script.code);
  process.exit(script.code);
}

async function take(keyring: SecretStore, step: Step): Promise<Answer> {
  const start = performance.now();
  const milliseconds = () => Math.round(performance.now() - start);
  try {
    const value = await perform(keyring, step);
    return { value, milliseconds: milliseconds() };
  } catch (error) {
    const { code, message } = error instanceof CliError ? error : { code: '', message: `${error}` };
    return { error: { code, message }, milliseconds: milliseconds() };
  }
}

function perform(keyring: SecretStore, step: Step): Promise<unknown> {
  if (step.op === 'list') return keyring.list();
  if (step.op === 'set') return keyring.set(step.account, step.value);
  return keyring[step.op](step.account);
}
