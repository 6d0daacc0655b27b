import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process, { arch, getBuiltinModule, version } from 'node:process';
import type { Script } from 'node:vm';

/** Loads files of the build whose compiled code is kept for the next start. */
export interface CodeLoader {
  /** @param name of a file, relative to the build: `./chunk.cjs` */
  load(name: string): unknown;
  /** True if something was compiled because it was not in the folder, or not sound. */
  hasNews(): boolean;
  /** What was compiled and is not in the folder. */
  made(): readonly CompiledCode[];
  /** True for a file in the folder that belongs to a file of this build. */
  isOurs(name: string): boolean;
}

export interface CompiledCode {
  readonly path: string;
  readonly content: Buffer;
}

interface Module {
  exports: unknown;
}

interface Compiled {
  readonly keptPath: string;
  readonly source: Buffer;
  readonly script: Script;
  readonly isKept: boolean;
  /** There is something in its place. */
  readonly replaces: boolean;
}

export interface CodeFolders {
  /** Of the build. */
  readonly built: string;
  /** Where compiled code is kept. Whoever can write there decides what is run. */
  readonly kept: string;
}

const DIGEST_BYTES = 32;
/** What Node, too, puts around a CommonJS file. */
const BEGINNING = Buffer.from('(function(exports,require,module,__filename,__dirname){');
const END = Buffer.from('\n})');
const ENDING = `.${version}-${arch}.code`;

/** @param require of the build, for what the files themselves ask for */
export function createCodeLoader(require: NodeJS.Require, folders: CodeFolders): CodeLoader {
  const loaded = new Map<string, Module>();
  const compiled: Compiled[] = [];
  const requireHere = Object.assign(
    (name: string) => loaded.get(name)?.exports ?? require(name),
    require,
  );
  return {
    load: (name) => {
      const there = loaded.get(name);
      if (there) return there.exports;
      const path = join(folders.built, name);
      // a trace is to name the source, which Node sees to for what it loads itself
      if (process.sourceMapsEnabled) return require(name);
      const module: Module = { exports: {} };
      loaded.set(name, module);
      const code = compile(path, join(folders.kept, `${name.slice(2)}${ENDING}`));
      if (!code.isKept) compiled.push(code);
      code.script.runInThisContext()(module.exports, requireHere, module, path, folders.built);
      return module.exports;
    },
    hasNews: () => compiled.length > 0,
    made: () =>
      compiled
        // another process may have been first
        .filter(({ replaces, keptPath }) => replaces || !existsSync(keptPath))
        .map(({ keptPath, source, script }) => {
          const code = script.createCachedData();
          return { path: keptPath, content: Buffer.concat([digestOf(source, code), code]) };
        }),
    isOurs: (name) => existsSync(join(folders.built, name.replace(/\.v[\d.]+-\w+\.code$/, ''))),
  };
}

function compile(path: string, keptPath: string): Compiled {
  // a build is ASCII, which need not be decoded
  const source = readFileSync(path);
  const found = readQuietly(keptPath);
  const code = found && codeIn(found, source);
  const text = Buffer.concat([BEGINNING, source, END]).toString('latin1');
  const { Script } = getBuiltinModule('node:vm');
  const script = new Script(text, { filename: path, ...(code && { cachedData: code }) });
  const isKept = code !== undefined && !script.cachedDataRejected;
  return { keptPath, source, script, isKept, replaces: found !== undefined };
}

/**
 * V8 believes what it is given: damaged code has made a process crash or hang (measured). So it gets
 * what was made of exactly this source and has not changed by a bit since.
 */
function codeIn(bytes: Buffer, source: Buffer): Buffer | undefined {
  const code = bytes.subarray(DIGEST_BYTES);
  return digestOf(source, code).equals(bytes.subarray(0, DIGEST_BYTES)) ? code : undefined;
}

function readQuietly(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function digestOf(source: Buffer, code: Buffer): Buffer {
  return createHash('sha256').update(source).update(code).digest();
}
