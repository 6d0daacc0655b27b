import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunResult, runInTerminal } from '../support/run-cli.ts';
import type { World } from './world.ts';

/** A link to a sign-in or a consent alone on its line, and a code for another device. */
const LINK = /^(https:\/\/\S+\/(?:authorize|adminconsent)\?\S+)\r?$/gm;
const DEVICE = /^(https:\/\/\S+)\r?\nand enter the code\r?\n([A-Z]{9})\r?$/m;

/** Milliseconds for a page; one that asks something waits in vain. */
const PATIENCE = 150_000;

/** Runs a script of bash at a terminal, in a new home, and does in the browser what it asks for. */
export async function followScript(world: World, script: string): Promise<RunResult> {
  const file = join(world.root, 'page.sh');
  writeFileSync(file, script);
  const visits = new Map<string, Promise<void>>();
  const visit = (link: string, code?: string) => {
    const key = code ?? link;
    if (!visits.has(key)) visits.set(key, world.signIn(link, code));
  };
  let shown = '';
  const look = (part: unknown) => {
    shown += String(part);
    for (const [, link = ''] of shown.matchAll(LINK)) visit(link);
    const [, link, code] = DEVICE.exec(shown) ?? [];
    if (link !== undefined) visit(link, code);
  };
  const result = await runInTerminal([file], {
    ...{ home: world.home(), env: world.env, program: ['bash'], timeout: PATIENCE },
    watch: ({ stdout }) => stdout?.on('data', look),
  });
  await Promise.all(visits.values());
  return result;
}
