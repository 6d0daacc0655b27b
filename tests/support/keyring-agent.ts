import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { KeyringAnswer } from '../../src/adapters/keyring/protocol.ts';

/** Bundles a program of the repository into a folder outside it. @returns the command to run it */
export function bundle(source: string, folder: string): string[] {
  const target = join(folder, `${source.replace(/\W+/g, '-')}.cjs`);
  const path = resolve(source);
  execFileSync(resolve('node_modules/.bin/esbuild'), [
    source,
    '--bundle',
    '--platform=node',
    '--format=cjs',
    '--log-level=error',
    // native packages are found from here, not from the temporary folder
    `--define:import.meta.url=${JSON.stringify(pathToFileURL(path).href)}`,
    `--define:import.meta.filename=${JSON.stringify(path)}`,
    `--define:import.meta.dirname=${JSON.stringify(dirname(path))}`,
    `--outfile=${target}`,
  ]);
  return [process.execPath, target];
}

type Scripted =
  | { readonly value: unknown }
  | { readonly error: Extract<KeyringAnswer, { error: unknown }>['error'] };

export interface ScriptedAgent {
  readonly command: string[];
  /** A file with one line per request, as it came. */
  readonly log: string;
}

/** An agent that gives these answers in turn and then says nothing any more. */
export function scriptAgent(folder: string, answers: readonly Scripted[]): ScriptedAgent {
  const script = join(folder, 'scripted-agent.cjs');
  const log = join(folder, 'requests.log');
  writeFileSync(log, '');
  writeFileSync(
    script,
    `const { appendFileSync } = require('node:fs');
const answers = ${JSON.stringify(answers)};
const lines = require('node:readline').createInterface({ input: process.stdin });
lines.on('line', (line) => {
  appendFileSync(${JSON.stringify(log)}, line + '\\n');
  const { id } = JSON.parse(line);
  const answer = answers.shift();
  if (!answer) return;
  const told = 'value' in answer ? { id, ok: true, value: answer.value } : { id, ...answer };
  if (told.value === '$ENV') told.value = JSON.stringify(process.env);
  process.stdout.write(JSON.stringify(told) + '\\n');
});
process.stdout.write('ready\\n');`,
  );
  return { command: [process.execPath, script], log };
}
