import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { builtCli, ROOT } from '../support/built-cli.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';

const SECRET = 'package secret';
const KEY = Buffer.alloc(32, 3).toString('base64');
let root: string;
let installed: readonly string[];
let files: string[];
let stage: Stage;
let idp: StandIn;

beforeAll(async () => {
  await builtCli();
  root = mkdtempSync(join(tmpdir(), 'tokencli-package-'));
  const empty = join(root, 'empty');
  mkdirSync(empty);
  const [packed] = JSON.parse(
    npm(ROOT, 'pack', '--json', '--ignore-scripts', '--pack-destination', root),
  );
  files = packed.files.map(({ path }: { path: string }) => path);
  const how = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  npm(empty, 'install', ...how, join(root, packed.filename));
  installed = [join(empty, 'node_modules', '.bin', 'tokencli')];
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: KEY });
  idp = await startStandIn({ tls: stage.tls, clients: [{ id: appId('app'), secret: SECRET }] });
});
afterAll(async () => {
  await idp?.close();
  stage?.remove();
  if (root) rmSync(root, { recursive: true });
});

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the package, installed into an empty folder without install scripts', () => {
  it('holds what it needs and nothing else', () => {
    const allowed = [
      /^LICENSE$/,
      /^README\.md$/,
      /^package\.json$/,
      /^profiles\.schema\.json$/,
      /^dist\/[\w-]+\.cjs(\.map)?$/,
      /^dist\/[\w.-]+\.txt$/,
      /^dist\/man\/[\w-]+\.1$/,
    ];
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
    for (const needed of [
      'package.json',
      'README.md',
      'LICENSE',
      'profiles.schema.json',
      'dist/tokencli.cjs',
    ]) {
      expect(files).toContain(needed);
    }
  });

  it('tells nothing of the machine it was built on', () => {
    const folder = join(root, 'empty', 'node_modules', 'tokencli');
    const telling = files.filter((file) => readFileSync(join(folder, file)).includes(ROOT));
    expect(telling).toEqual([]);
  });

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const { code, out, err } = await stage.run(['--version'], { program: installed });
    expect([code, out, err]).toEqual([0, `${version}\n`, '']);
  });

  it('makes a profile and gets a token', async () => {
    const create = await stage.run(
      [
        ...['config', 'create', '--name', 'packed', '--client-secret-stdin'],
        ...['--client-id', appId('app')],
        ...['--tenant-id', idp.tenant, '--authority', idp.origin, '--ca-file', stage.caFile],
      ],
      { program: installed, input: SECRET },
    );
    expect([create.code, create.out]).toEqual([0, '']);
    for (const _time of ['from the provider', 'from the cache']) {
      const { code, out } = await stage.run(['get-token', '--silent'], { program: installed });
      expect([code, out]).toEqual([0, `${idp.issued.at(0)}\n`]);
    }
    expect(idp.tokenRequests().length).toBe(1);
  });
});
