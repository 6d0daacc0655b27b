import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appId } from './app-id.ts';
import { type FakeIdp, startFakeIdp } from './fake-idp.ts';
import type { RunOptions } from './run-cli.ts';
import { signIn, startRotation } from './signed-in.ts';
import { type Stage, setStage } from './stage.ts';

export const STORE_KEY = Buffer.alloc(32, 3).toString('base64');

/** Every command that changes something, on a home that has something to be changed. */
export interface Bench {
  readonly idp: FakeIdp;
  readonly names: readonly string[];
  /** A home as it is before the command. @returns its path */
  fresh(): string;
  /** Runs the command by name. */
  run(name: string, home: string, options?: RunOptions): ReturnType<Stage['run']>;
  /** True if the profiles are as they are after the command, false as before it. */
  isDone(name: string, profiles: readonly string[]): boolean | undefined;
  close(): Promise<void>;
}

const CREATE = [
  'config',
  'create',
  ...['--client-id', appId('client'), '--tenant-id', 'contoso.example'],
];
const SECRET = ['--client-secret-env', 'A_SECRET'];

export async function setBench(): Promise<Bench> {
  const stage = setStage({
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: STORE_KEY,
    A_SECRET: 'the secret of a profile',
  });
  const rotation = startRotation(false);
  const idp = await startFakeIdp({ tls: stage.tls, handler: rotation.handle });
  try {
    return await furnish(stage, idp, rotation.current);
  } catch (error) {
    await idp.close();
    throw error;
  }
}

async function furnish(stage: Stage, idp: FakeIdp, refreshToken: string): Promise<Bench> {
  const root = mkdtempSync(join(tmpdir(), 'tokencli-bench-'));
  const authority = ['--authority', idp.origin, '--ca-file', stage.caFile];
  const commands: Record<string, string[]> = {
    create: [...CREATE, '--name', 'new', ...authority, ...SECRET],
    edit: ['config', 'edit', '-p', 'base', ...SECRET],
    delete: ['config', 'delete', '-p', 'victim', '--force'],
    rename: ['config', 'rename', 'victim', 'renamed'],
    'get-token': ['get-token', '-p', 'base', '--silent', '--force-refresh'],
    refresh: ['refresh', '-p', 'person', '--silent'],
    logout: ['logout', '-p', 'person'],
    import: ['config', 'import', '-f', join(stage.folder, 'export.json'), '--yes'],
  };
  const model = join(root, 'model');
  mkdirSync(model);
  for (const name of ['base', 'victim']) {
    await must(stage.run([...CREATE, '--name', name, ...authority, ...SECRET], { home: model }));
  }
  await must(stage.run(['get-token', '-p', 'base', '--silent'], { home: model }));
  const flow = ['--flow', 'InteractiveBrowser', '--scope', 'api://orders/read'];
  await must(stage.run([...CREATE, '--name', 'person', ...authority, ...flow], { home: model }));
  const written = readFileSync(join(model, '.tokencli', 'profiles.json'), 'utf8');
  await signIn({
    home: model,
    storeKey: STORE_KEY,
    profile: JSON.parse(written).profiles[2],
    origin: idp.origin,
    refreshToken,
  });
  const exported = join(stage.folder, 'export.json');
  await must(
    stage.run(['config', 'export', '-p', 'victim', '--plain', '-o', exported], { home: model }),
  );
  stage.file('export.json', readFileSync(exported, 'utf8').replaceAll('victim', 'imported'));
  let count = 0;
  return {
    idp,
    names: Object.keys(commands),
    fresh: () => {
      count += 1;
      const home = join(root, `home-${count}`);
      cpSync(model, home, { recursive: true });
      return home;
    },
    run: (name, home, options = {}) => stage.run(commands[name] ?? [], { ...options, home }),
    isDone: (name, profiles) => {
      const has = (wanted: string) => profiles.includes(wanted);
      if (name === 'create') return has('new');
      if (name === 'delete') return !has('victim');
      if (name === 'rename') return has('renamed') && !has('victim');
      if (name === 'import') return has('imported');
      return undefined;
    },
    close: async () => {
      await idp.close();
      rmSync(root, { recursive: true, force: true });
      stage.remove();
    },
  };
}

async function must(result: ReturnType<Stage['run']>): Promise<void> {
  const { code, err } = await result;
  if (code !== 0) throw new Error(`the bench cannot be set: ${err}`);
}
