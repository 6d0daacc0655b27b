import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { bundleForNode } from './support/bun.ts';

/** A file imports from a lower rank or from its own folder. First match wins. */
const RANKS: readonly (readonly [place: string, rank: number])[] = [
  ['src/npm-package.ts', 8],
  ['src/executable.ts', 8],
  ['src/main.ts', 7],
  ['src/cli/', 6],
  ['src/runtime/', 6],
  ['src/commands/', 5],
  ['src/adapters/', 5],
  ['src/usecases/cert/', 4.4],
  ['src/usecases/transfer/', 4.4],
  ['src/usecases/inspect/', 4.4],
  ['src/usecases/consent/', 4.4],
  ['src/usecases/doctor/', 4.4],
  ['src/usecases/completion/', 4.4],
  ['src/usecases/exec/', 4.4],
  ['src/usecases/help/', 4.4],
  ['src/usecases/git-credential/', 4.4],
  ['src/usecases/config/', 4.3],
  ['src/usecases/token/', 4.2],
  ['src/usecases/credentials/', 4.1],
  ['src/usecases/secrets/', 4],
  ['src/flows/', 2],
  ['src/profiles/', 1],
  ['src/secrets/', 1],
  ['src/tokens/', 1],
  ['src/entra/', 1],
  ['src/output/', 1],
  ['src/core/files/', 0.5],
  ['src/core/', 0],
];

/** What may be loaded only when somebody needs it. */
const HEAVY = [
  ...['yargs', 'zod', '@azure/msal-node', 'inquirer', '@inquirer', 'chalk', 'age-encryption'],
  ...['@noble', 'node-forge', 'jose'],
];

/** What a call for a cached token loads beside the start, one after the other. */
const CACHED_CALL = ['token/get-token.ts', 'sealed-store.ts', 'keyring/keyring.ts'];

/**
 * Bytes of minified code for it: a little more than it has. What only a request, a sign-in or a
 * failure needs is imported where it is needed.
 */
const MOST_BYTES = 130_000;

/** Who else than `cli/app.ts` opens an adapter: the edge paints its conversation before there is an app. */
const OPENERS = ['src/cli/app.ts', 'src/main.ts'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly kind: 'static' | 'dynamic' | 'type';
}

/** What Bun writes about a build. */
interface Metafile {
  readonly inputs: Readonly<Record<string, { readonly imports: readonly Imported[] }>>;
  readonly outputs: Readonly<
    Record<
      string,
      { readonly bytes: number; readonly inputs: object; readonly imports: readonly Imported[] }
    >
  >;
}

interface Imported {
  readonly path: string;
  readonly kind: string;
  /** Of the source, where `path` is the file that was made of it. */
  readonly entryPoint?: string;
}

/** One file of a build. */
interface Output {
  readonly bytes: number;
  readonly modules: readonly string[];
  /** The files that are loaded with it. */
  readonly loads: readonly string[];
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('-types.d.ts'))
  .map((name) => join('src', name));

let inputs: Metafile['inputs'];
let imports: readonly Import[];

beforeAll(() => {
  const outside = ['@napi-rs/keyring', 'fs-native-extensions', 'bun:ffi', '*.bin'];
  bundleForNode([
    ...files,
    ...['--splitting', '--outdir=build/architecture', '--metafile=build/architecture.json'],
    ...outside.map((name) => `--external=${name}`),
  ]);
  ({ inputs } = readMetafile('build/architecture.json'));
  imports = files.flatMap((from) => [...codeImports(from), ...typeImports(from)]);
});

describe('the house', () => {
  it('has a rank for every file', () => {
    expect(files.filter((file) => rankOf(file) === undefined)).toEqual([]);
  });

  it('has stairs that only go down', () => {
    const upward = imports
      .filter(({ from, to }) => dirname(from) !== dirname(to))
      .filter(({ from, to }) => roomOf(from) !== roomOf(to))
      .filter(({ from, to, kind }) => !mayImport(from, to, kind))
      .map(({ from, to, kind }) => `${from} -> ${to} (${kind})`);
    expect(upward).toEqual([]);
  });

  it('has no circles', () => {
    const graph = new Map(files.map((file) => [file, staticTargets(file)]));
    expect(files.flatMap((file) => circleFrom(file, graph))).toEqual([]);
  });

  it('opens the adapters late, from the composition root', () => {
    const others = imports
      .filter(({ to }) => to.startsWith('src/adapters/'))
      .filter(({ from, kind }) => !from.startsWith('src/adapters/') && kind !== 'type')
      .filter(({ from, kind }) => !OPENERS.includes(from) || kind !== 'dynamic')
      .map(({ from, to, kind }) => `${from} -> ${to} (${kind})`);
    expect(others).toEqual([]);
  });

  it.each([
    ...['src/main.ts', 'src/commands/index.ts', 'src/usecases/token/get-token.ts'],
    ...['src/usecases/inspect/inspect.ts', 'src/usecases/inspect/discover.ts'],
    'src/usecases/config/list.ts',
  ])('loads nothing heavy with %s', (entry) => {
    const eager = [...eagerFrom(entry)];
    expect(eager.filter((path) => HEAVY.some((name) => inPackage(path, name)))).toEqual([]);
    expect(eager.filter((path) => path.startsWith('src/')).length).toBeGreaterThan(1);
  });

  it('names each heavy package in one place', () => {
    const zod = files.filter((file) => importsPackage(file, 'zod'));
    expect(zod.filter((file) => !file.startsWith('src/profiles/'))).toEqual([]);
    for (const name of ['@azure/msal-node', 'inquirer', 'chalk', 'node-forge', 'age-encryption']) {
      const users = files.filter((file) => importsPackage(file, name));
      expect(users.filter((file) => !file.startsWith('src/adapters/'))).toEqual([]);
    }
  });

  it('tells the programs apart in one room', () => {
    const native = ['bun:ffi', '@napi-rs/keyring', 'fs-native-extensions'];
    const users = files.filter((file) => native.some((name) => importsPackage(file, name)));
    expect(users.filter((file) => !file.startsWith('src/runtime/'))).toEqual([]);
    const importers = imports.filter(({ to }) => to.startsWith('src/runtime/'));
    const outside = importers.filter(({ from }) => !from.startsWith('src/runtime/'));
    expect(outside.map(({ from }) => from).sort()).toEqual([
      'src/executable.ts',
      'src/npm-package.ts',
    ]);
  });

  it('starts no file of its own: in an archive of Yarn there is none to start', () => {
    const starts =
      /\b(?:new Worker|fork)\(|\bexecPath\b|__dirname|__filename|import\.meta\.(?!url)/;
    expect(files.filter((file) => starts.test(readFileSync(file, 'utf8')))).toEqual([]);
    // by which node.ts finds native modules, which Yarn keeps outside of its archives
    const paths = files.filter((file) => readFileSync(file, 'utf8').includes('import.meta'));
    expect(paths).toEqual(['src/runtime/node.ts']);
  });
});

describe.each([
  ['executable', readExecutable],
  ['npm package', readNpmPackage],
])('a cached call of the %s', (_program, readOutputs) => {
  it('loads little code, and nothing that only a request needs', () => {
    const outputs = readOutputs();
    const loaded = new Set<string>();
    const visit = (name: string) => {
      if (loaded.has(name) || !outputs.has(name)) return;
      loaded.add(name);
      for (const next of outputs.get(name)?.loads ?? []) visit(next);
    };
    const holds = (file: string) => (name: string) =>
      outputs.get(name)?.modules.some((module) => module.endsWith(file)) === true;
    for (const file of ['src/main.ts', ...CACHED_CALL]) {
      const name = [...outputs.keys()].find(holds(file));
      expect([file, name !== undefined]).toEqual([file, true]);
      visit(name ?? '');
    }
    const parts = [...loaded].flatMap((name) => outputs.get(name)?.modules ?? []);
    expect(parts).toContain('src/tokens/cache.ts');
    expect(parts.filter((path) => /node_modules|^src\/flows\//.test(path))).toEqual([]);
    const bytes = [...loaded].reduce((sum, name) => sum + (outputs.get(name)?.bytes ?? 0), 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });
});

function readMetafile(path: string): Metafile {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function readExecutable(): Map<string, Output> {
  const { outputs } = readMetafile('build/tokencli.json');
  return new Map(
    Object.entries(outputs).map(([name, output]) => [
      name,
      {
        bytes: output.bytes,
        modules: Object.keys(output.inputs),
        loads: output.imports
          .filter(({ kind }) => kind !== 'dynamic-import')
          .map(({ path }) => path),
      },
    ]),
  );
}

function readNpmPackage(): Map<string, Output> {
  const chunks = JSON.parse(readFileSync('build/npm-package.json', 'utf8')) as {
    fileName: string;
    bytes: number;
    moduleIds: string[];
    imports: string[];
  }[];
  return new Map(
    chunks.map(({ fileName, bytes, moduleIds, imports: loads }) => [
      fileName,
      { bytes, loads, modules: moduleIds.map((path) => relative('.', path)) },
    ]),
  );
}

function rankOf(file: string): number | undefined {
  return RANKS.find(([place]) => file.startsWith(place))?.[1];
}

/** Files of the adapters and of the runtimes may lie in folders of their own. */
function roomOf(file: string): string {
  const [, room = '', ...rest] = file.split('/');
  return room === 'adapters' ? room : [room, ...rest.slice(0, -1)].join('/');
}

function mayImport(from: string, to: string, kind: Import['kind']): boolean {
  // commands name use cases late
  if (kind === 'dynamic' && from.startsWith('src/commands/')) return to.startsWith('src/usecases/');
  const [upper = -1, lower = 99] = [rankOf(from), rankOf(to)];
  return upper > lower;
}

function codeImports(from: string): Import[] {
  return (inputs[from]?.imports ?? [])
    .map(
      ({ path, kind, entryPoint = path }): Import => ({
        ...{ from, to: entryPoint, kind: kind === 'dynamic-import' ? 'dynamic' : 'static' },
      }),
    )
    .filter(({ to }) => to.startsWith('src/'));
}

function typeImports(from: string): Import[] {
  const known = new Set(codeImports(from).map(({ to }) => to));
  const named = readFileSync(from, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+\.ts)'/g);
  return [...named]
    .map(([, path = '']) => normalize(join(dirname(from), path)))
    .filter((to) => !known.has(to))
    .map((to) => ({ from, to, kind: 'type' }));
}

/** What a file imports at once. */
function staticTargets(file: string): string[] {
  return (inputs[file]?.imports ?? [])
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

function eagerFrom(entry: string): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const next of staticTargets(path)) visit(next);
  };
  visit(entry);
  return seen;
}

function importsPackage(file: string, name: string): boolean {
  return (inputs[file]?.imports ?? []).some(
    ({ path, entryPoint = path }) => inPackage(entryPoint, name) || path === name,
  );
}

function inPackage(path: string, name: string): boolean {
  return path.includes(`node_modules/${name}/`);
}
