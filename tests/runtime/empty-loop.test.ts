import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { builtCli, ROOT } from '../support/built-cli.ts';
import { BUN } from '../support/bun.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokencli-loop-'));
const preload = join(folder, 'stuck.cjs');
// stdin that neither ends nor keeps the process alive
writeFileSync(
  preload,
  'process.stdin[Symbol.asyncIterator] = () => ({ next: () => new Promise(() => {}) });',
);
afterAll(() => rmSync(folder, { recursive: true }));

it.each(['Node.js', 'Bun'])(
  'a command that waits for nothing is no success in %s',
  async (name) => {
    const words =
      name === 'Bun'
        ? [BUN, '--define', 'TOKENCLI_VERSION="1"', '--preload', preload, 'src/executable.ts']
        : [process.execPath, '--require', preload, await builtCli()];
    const [command = '', ...args] = [...words, 'inspect'];
    const options = { cwd: ROOT, encoding: 'utf8', input: '', env: { HOME: folder } } as const;
    const { status, stdout, stderr } = spawnSync(command, args, options);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^tokencli: unexpected: the command stopped before its end\n/);
  },
);
