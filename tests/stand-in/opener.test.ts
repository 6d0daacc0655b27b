import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CHATTER, createOpener } from '../support/opener.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-opener-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('notes each link as it came, and chatters', async () => {
  const opener = createOpener(folder);
  const link = "https://localhost/authorize?a=1&b=%20'$HOME'\\n&c=#d";
  const first = opener.next();
  const { stdout, stderr } = await promisify(execFile)(opener.program, ['--new-window', link]);
  expect([stdout, stderr]).toEqual([`${CHATTER}\n`.repeat(2), `${CHATTER}\n`.repeat(2)]);
  expect(await first).toBe(link);
  await promisify(execFile)(opener.program, ['https://second.test/']);
  expect(await opener.next()).toBe('https://second.test/');
  expect(opener.opened()).toHaveLength(2);
});
