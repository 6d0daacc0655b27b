import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  it('answers --version out of one file', () => {
    expect(opened('--version')).toEqual(['tokencli.cjs']);
  });

  it('validates profiles.json once, until it is another one', () => {
    const folder = join(home, '.tokencli');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const write = (profile: object) =>
      writeFileSync(join(folder, 'profiles.json'), JSON.stringify({ profiles: [profile] }));
    const app = { name: 'app', clientId: 'client', tenantId: 'contoso.com' };
    const ask = () => opened('get-token', '-p', 'app', '--silent', '--timeout', '1s');
    write(app);
    expect(ask()).toContain('rules.cjs');
    expect(ask()).not.toContain('rules.cjs');
    write({ ...app, cloud: 'elsewhere' });
    expect(ask()).toContain('rules.cjs');
    expect(ask()).toContain('rules.cjs');
    rmSync(folder, { recursive: true });
  });

  it('reads source maps only where somebody wants to see a trace', () => {
    const maps = (files: string[]) => files.filter((name) => name.endsWith('.map'));
    const usual = opened('config', 'path');
    expect(usual).toContain('start.cjs');
    expect(maps(usual)).toEqual([]);
    expect(maps(opened('config', 'path', '--debug'))).toContain('start.cjs.map');
  });

  it('has traces that name the lines of the source, also of what commands share', () => {
    const hook = join(home, 'hook.cjs');
    writeFileSync(hook, 'process.stderr.write = () => console.log(new Error().stack);');
    const args = ['--enable-source-maps', '-r', hook, cli, 'discover', '-t', 'opaque'];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const source = readFileSync('src/usecases/inspect/read-token.ts', 'utf8').split('\n');
    const line = 1 + source.findIndex((text) => text.includes('app.log.warn('));
    expect(stdout).toContain(`src/usecases/inspect/read-token.ts:${line}:`);
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
