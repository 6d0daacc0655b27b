import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { builtCli } from '../support/built-cli.ts';

let cli: string;
let home: string;

beforeAll(async () => {
  cli = await builtCli();
  home = mkdtempSync(join(tmpdir(), 'tokencli-build-'));
});
afterAll(() => rmSync(home, { recursive: true }));

/** The files of the build that a run opens, by their names. */
function opened(...args: string[]): string[] {
  const { stderr } = spawnSync(
    'strace',
    ['-f', '-qq', '-e', 'trace=openat', process.execPath, cli, ...args],
    { env: { PATH: process.env['PATH'], HOME: home }, encoding: 'utf8', input: '' },
  );
  const paths = [...stderr.matchAll(/openat\([^"]*"([^"]+)"[^)]*\) = \d/g)].map(([, path]) => path);
  const ours = paths.filter((path) => path !== undefined && dirname(path) === dirname(cli));
  return [...new Set(ours)].map((path) => basename(path ?? ''));
}

describe('the built command', () => {
  it.each([
    [['--version'], ['tokencli.cjs']],
    [['--help'], ['tokencli.cjs', 'help.json']],
    [
      ['config', 'create', '--help'],
      ['tokencli.cjs', 'help.json'],
    ],
  ])('answers %j out of %j', (args, files) => {
    expect(opened(...args)).toEqual(files);
  });

  it('reads source maps only where somebody wants to see a trace', () => {
    const maps = (files: string[]) => files.filter((name) => name.endsWith('.map'));
    const usual = opened('config', 'path');
    expect(usual).toContain('start.cjs');
    expect(maps(usual)).toEqual([]);
    expect(maps(opened('config', 'path', '--debug'))).toContain('start.cjs.map');
  });

  it('has traces that name the lines of the source', () => {
    const script = `require(${JSON.stringify(join(dirname(cli), 'start.cjs'))}).start({})
      .catch((error) => console.log(error.stack))`;
    const trace = execFileSync(process.execPath, ['--enable-source-maps', '-e', script], {
      encoding: 'utf8',
    });
    expect(trace).toMatch(/at listenForSignals \(.*\/src\/start\.ts:\d+:\d+\)/);
  });
});
