import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { makePlan } from '../support/hostile.ts';
import { type Stage, setStage } from '../support/stage.ts';

const FOREIGN = 'what belongs to somebody else\n';

const plan = makePlan('output-race', 100);
let stage: Stage;
let idp: FakeIdp;

beforeAll(async () => {
  stage = setStage({
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
    TOKENCLI_CLIENT_SECRET: 'a secret for the tests',
  });
  idp = await startFakeIdp({ tls: stage.tls });
  const profile = { name: 'app', clientId: appId('client'), tenantId: 'contoso.example' };
  const way = { authority: idp.origin, caFile: stage.caFile };
  stage.writeProfiles({ profiles: [{ ...profile, ...way }] });
});
afterAll(async () => {
  await idp?.close();
  stage?.remove();
});

it('a target of -o that is swapped for links never leads to a foreign file', async () => {
  const foreign = stage.file('foreign', FOREIGN);
  const folder = join(stage.folder, 'out');
  mkdirSync(folder, { mode: 0o700 });
  const target = join(folder, 'token');
  const faults: string[] = [];
  let swaps = 0;
  const replace = (make: (path: string) => void) => {
    const path = join(stage.folder, 'swap');
    rmSync(path, { force: true });
    make(path);
    renameSync(path, target);
    swaps += 1;
  };
  const look = () => {
    if (readFileSync(foreign, 'utf8') !== FOREIGN) faults.push('the foreign file was changed');
    const found = lstatSync(target, { throwIfNoEntry: false });
    // the mode of a link says nothing
    if (found?.isFile() && (found.mode & 0o077) !== 0) faults.push('open to others');
  };
  let running = true;
  const swapper = (async () => {
    while (running) {
      const kind = plan.below(3);
      if (kind === 0) rmSync(target, { force: true });
      if (kind === 1) replace((path) => symlinkSync(foreign, path));
      if (kind === 2) replace((path) => writeFileSync(path, 'old', { mode: 0o600 }));
      look();
      await new Promise((next) => setTimeout(next, plan.below(4)));
    }
  })();
  const codes = new Map<number | null, number>();
  const seen = (code: number) => codes.get(code) ?? 0;
  // every swap may hit any moment of a run; most runs end before the folder is reached
  while (swaps < plan.runs || seen(0) < 5 || seen(10) < 1) {
    const args = ['get-token', '-p', 'app', '--silent', '-o', target];
    const { code, out, err } = await stage.run(args);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (out !== '' || (code !== 0 && !/symbolic link/.test(err))) faults.push(`${code}: ${err}`);
  }
  running = false;
  await swapper;
  look();
  plan.tell({ swaps, written: seen(0), refused: seen(10) });
  expect(faults).toEqual([]);
  expect([...codes.keys()].sort()).toEqual([0, 10]);
  expect(statSync(foreign).mode & 0o777).toBe(0o600);
  expect(existsSync(`${foreign}.tmp`)).toBe(false);
}, 3_600_000);
