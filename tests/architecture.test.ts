import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { build, type Metafile } from 'esbuild';
import { builtCli } from './support/built-cli.ts';

/** A file imports from a lower rank or from its own folder. First match wins. */
const RANKS: readonly (readonly [place: string, rank: number])[] = [
  ['src/main.ts', 6],
  ['src/keyring-agent.ts', 6],
  ['src/quick', 5],
  ['src/cli/start.ts', 5],
  ['src/compile-cache.ts', 5],
  ['src/code-loader.ts', 5],
  ['src/kept-code.ts', 5],
  ['src/cli/run.ts', 5],
  ['src/cli/parser.ts', 5],
  ['src/cli/app.ts', 5],
  ['src/cli/process-io.ts', 5],
  ['src/commands/', 4],
  ['src/adapters/', 4],
  ['src/usecases/', 3],
  ['src/flows/', 2],
  ['src/profiles/', 1],
  ['src/secrets/', 1],
  ['src/tokens/', 1],
  ['src/entra/', 1],
  ['src/output/', 1],
  ['src/core/', 0],
];

/** What may be loaded before anybody knows what the command line wants. */
const HEAVY = [
  ...['yargs', 'zod', '@azure/msal-node', 'inquirer', '@inquirer', 'chalk', 'undici'],
  ...['age-encryption', '@noble'],
];

/** Without its source map; a start reads and compiles it all. */
const QUICK_BYTES = 16 * 1024;

/** Adapters that others than app.ts may import, and who. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  'src/adapters/keyring/entry.ts': ['src/quick-keyring.ts', 'src/keyring-agent.ts'],
  'src/adapters/keyring/protocol.ts': ['src/quick-keyring.ts', 'src/keyring-agent.ts'],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly kind: 'static' | 'dynamic' | 'type';
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));
type Known = Metafile['inputs'] | Metafile['outputs'];

let inputs: Metafile['inputs'];
let imports: readonly Import[];

beforeAll(async () => {
  const { metafile } = await build({
    entryPoints: files,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@napi-rs/keyring', 'fs-native-extensions'],
    outdir: 'build/architecture',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  inputs = metafile.inputs;
  imports = files.flatMap((from) => [...codeImports(from), ...typeImports(from)]);
});

describe('the house', () => {
  it('has a rank for every file', () => {
    expect(files.filter((file) => rankOf(file) === undefined)).toEqual([]);
  });

  it('has stairs that only go down', () => {
    const upward = imports
      .filter(({ from, to }) => dirname(from) !== dirname(to) || dirname(from) === 'src')
      .filter(({ from, to, kind }) => !mayImport(from, to, kind))
      .map(({ from, to, kind }) => `${from} -> ${to} (${kind})`);
    expect(upward).toEqual([]);
  });

  it('has no circles', () => {
    const graph = new Map(files.map((file) => [file, staticTargets(file)]));
    expect(files.flatMap((file) => circleFrom(file, graph))).toEqual([]);
  });

  it('opens the adapters from app.ts alone, and late', () => {
    const others = imports
      .filter(({ to }) => to.startsWith('src/adapters/'))
      .filter(({ from, kind }) => !from.startsWith('src/adapters/') && kind !== 'type')
      .filter(({ from, to }) => !EXCEPTIONS[to]?.includes(from))
      .filter(({ from, kind }) => !isEdge(from) || kind !== 'dynamic')
      .map(({ from, to, kind }) => `${from} -> ${to} (${kind})`);
    expect(others).toEqual([]);
  });

  it.each(['src/main.ts', 'src/cli/start.ts', 'src/commands/index.ts'])(
    'loads nothing heavy with %s',
    (entry) => {
      const eager = [...eagerFrom(entry)];
      expect(eager.filter((path) => HEAVY.some((name) => inPackage(path, name)))).toEqual([]);
      expect(eager.filter((path) => path.startsWith('src/')).length).toBeGreaterThan(1);
    },
  );

  it.each([
    ['get-token', ['@azure/msal-node', 'yargs', 'inquirer', 'chalk', 'undici']],
    ['inspect', ['zod', '@azure/msal-node', 'yargs', 'inquirer', 'chalk', 'undici', 'jose']],
    ['discover', ['zod', '@azure/msal-node', 'yargs', 'inquirer', 'chalk', 'undici', 'jose']],
    ['config-list', ['@azure/msal-node', 'yargs', 'inquirer', 'chalk', 'undici', 'node-forge']],
  ])('loads for %s only what it needs at once', (name, heavy) => {
    const eager = [...eagerFrom(`src/usecases/${name}.ts`)];
    expect(eager.filter((path) => heavy.some((each) => inPackage(path, each)))).toEqual([]);
  });

  it('has a quick lane of one small file, with nothing of any package but the keyring', async () => {
    const cli = await builtCli();
    const { outputs } = JSON.parse(readFileSync('build/meta-quick.json', 'utf8')) as Metafile;
    const built = outputs['dist/tokencli.cjs'];
    const parts = Object.keys(built?.inputs ?? {});
    expect(parts).toContain('src/quick.ts');
    // what the build makes of modules of Node that are loaded when they are called
    expect(parts.filter((path) => !/^(?:src\/|late:node:)/.test(path))).toEqual([]);
    const outside = built?.imports.map(({ path }) => path).filter((path) => !isBuiltin(path));
    expect(outside?.sort()).toEqual(['./code-loader.cjs', './start.cjs']);
    expect(statSync(cli).size).toBeLessThan(QUICK_BYTES);
  });

  it('asks for a token without what validates profiles, once they are known to be valid', async () => {
    await builtCli();
    const { outputs } = JSON.parse(readFileSync('build/meta.json', 'utf8')) as Metafile;
    const seen = new Set<string>();
    for (const name of [
      ...['start', 'usecases/get-token', 'usecases/refresh'],
      ...['adapters/msal', 'adapters/http', 'adapters/keyring', 'adapters/lock'],
    ]) {
      const [path] = Object.entries(outputs).find(
        ([, { entryPoint }]) => entryPoint === `src/${name}.ts`,
      ) ?? [''];
      expect([name, outputs[path] !== undefined]).toEqual([name, true]);
      for (const each of eagerFrom(path, outputs)) seen.add(each);
    }
    const parts = [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
    expect(parts).toContain('src/profiles/store.ts');
    expect(parts.filter((path) => inPackage(path, 'zod'))).toEqual([]);
  });

  it('names each heavy package in one place', () => {
    const zod = files.filter((file) => importsPackage(file, 'zod'));
    expect(zod.filter((file) => !file.startsWith('src/profiles/'))).toEqual([]);
    for (const name of [
      '@azure/msal-node',
      'inquirer',
      'chalk',
      'undici',
      'node-forge',
      'age-encryption',
    ]) {
      const users = files.filter((file) => importsPackage(file, name));
      expect(users.filter((file) => !file.startsWith('src/adapters/'))).toEqual([]);
    }
  });
});

function rankOf(file: string): number | undefined {
  return RANKS.find(([place]) => file.startsWith(place))?.[1];
}

function mayImport(from: string, to: string, kind: Import['kind']): boolean {
  if (EXCEPTIONS[to]?.includes(from)) return true;
  const [upper = -1, lower = 99] = [rankOf(from), rankOf(to)];
  // the process edge and the composition root are one floor; commands name use cases late
  if (dirname(from) === 'src' && dirname(to) === 'src') return upper >= lower;
  if (kind === 'dynamic' && from.startsWith('src/commands/')) return to.startsWith('src/usecases/');
  return upper > lower;
}

/** The process edge paints its own conversation before there is an app. */
function isEdge(file: string): boolean {
  return file === 'src/cli/app.ts' || file === 'src/main.ts' || file === 'src/cli/start.ts';
}

function codeImports(from: string): Import[] {
  return (inputs[from]?.imports ?? [])
    .filter(({ path }) => path.startsWith('src/'))
    .map(({ path, kind }) => ({
      from,
      to: path,
      kind: kind === 'dynamic-import' ? 'dynamic' : 'static',
    }));
}

function typeImports(from: string): Import[] {
  const known = new Set(codeImports(from).map(({ to }) => to));
  const named = readFileSync(from, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+\.ts)'/g);
  return [...named]
    .map(([, path = '']) => normalize(join(dirname(from), path)))
    .filter((to) => !known.has(to))
    .map((to) => ({ from, to, kind: 'type' }));
}

/** What a file, or an output of the build, imports at once. */
function staticTargets(file: string, known: Known = inputs): string[] {
  return (known[file]?.imports ?? [])
    .filter(({ kind }) => kind !== 'dynamic-import')
    .map(({ path }) => path);
}

function circleFrom(start: string, graph: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set<string>();
  const reaches = (file: string): boolean =>
    (graph.get(file) ?? []).some((next) => {
      if (next === start) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next);
    });
  return reaches(start) ? [start] : [];
}

function eagerFrom(entry: string, known: Known = inputs): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const next of staticTargets(path, known)) visit(next);
  };
  visit(entry);
  return seen;
}

function importsPackage(file: string, name: string): boolean {
  return (inputs[file]?.imports ?? []).some(
    ({ path, external }) => inPackage(path, name) || (external === true && path === name),
  );
}

function inPackage(path: string, name: string): boolean {
  return path.includes(`node_modules/${name}/`);
}
