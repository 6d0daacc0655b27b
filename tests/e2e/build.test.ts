import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { builtCli, program } from '../support/built-cli.ts';

let cli: string;
let home: string;

beforeAll(async () => {
  cli = await builtCli();
  home = mkdtempSync(join(tmpdir(), 'tokencli-build-'));
});
afterAll(() => rmSync(home, { recursive: true }));

/** The source maps that a run of the npm package opens, by their names. */
function openedMaps(...args: string[]): string[] {
  const { stderr } = spawnSync(
    'strace',
    ['-f', '-qq', '-e', 'trace=openat', process.execPath, cli, ...args],
    { env: { PATH: process.env['PATH'], HOME: home }, encoding: 'utf8', input: '' },
  );
  const paths = [...stderr.matchAll(/openat\([^"]*"([^"]+)"[^)]*\) = \d/g)].map(([, path]) => path);
  const ours = paths.filter((path) => path !== undefined && dirname(path) === dirname(cli));
  return [...new Set(ours)]
    .map((path) => basename(path ?? ''))
    .filter((name) => name.endsWith('.map'));
}

/** Prints where the program is when it writes to stderr. */
const HOOK = `const fs = require('node:fs');
fs.writeSync = (fd, text) => {
  if (fd === 2) console.log(new Error().stack);
  return text.length;
};`;

describe('the npm package', () => {
  it('reads source maps only where somebody wants to see a trace', () => {
    expect(openedMaps('config', 'list')).toEqual([]);
    expect(openedMaps('config', 'list', '--debug')).not.toEqual([]);
  });

  it('has traces that name the lines of the source, also of what commands share', () => {
    const hook = join(home, 'hook.cjs');
    writeFileSync(hook, HOOK);
    const args = ['--enable-source-maps', '-r', hook, cli, 'discover', '-t', 'opaque'];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const source = readFileSync('src/usecases/inspect/read-token.ts', 'utf8').split('\n');
    const line = 1 + source.findIndex((text) => text.includes('app.log.warn('));
    expect(stdout).toContain(`src/usecases/inspect/read-token.ts:${line}:`);
  });
});

describe('both programs', () => {
  it('are the same version, and say which of the two they are', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const which of ['executable', 'npm package'] as const) {
      const [start = '', ...words] = await program(which);
      const ask = (...args: string[]) =>
        spawnSync(start, [...words, ...args], { env: { HOME: home }, encoding: 'utf8' }).stdout;
      expect([which, ask('--version')]).toEqual([which, `${version}\n`]);
      expect(JSON.parse(ask('doctor', '--json')).node.detail).toContain(`${version}, ${which}, `);
    }
  });
});
