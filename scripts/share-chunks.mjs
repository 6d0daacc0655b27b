// esbuild cuts what several commands share into very many small files, and opening one costs more
// than what is in it (measured). They become a few files: to compile what somebody else's command
// needs costs as well.
import { basename } from 'node:path';
import { build } from 'esbuild';

/** Characters, before they are made smaller; above it is a package, which is a file of its own. */
const SMALL = 128 * 1024;
/** Characters; to check and open kept code takes as long as to compile a smaller file (measured). */
const LARGE = 64 * 1024;

/** What the quick lane loads when it has no answer; everything else is loaded through it. */
export const START = 'start.cjs';

/** What a file that requires shared chunks begins with. */
export const REQUIRE_SHARED = `require=require("./${START}");`;

const START_ENTRY = 'src/cli/start.ts';
/** The other files, by what needs them. */
const SHARED = {
  'shared-inspect.cjs': ['usecases/inspect', 'usecases/discover'],
  'shared-tokens.cjs': [
    ...['usecases/get-token', 'usecases/refresh', 'adapters/msal', 'adapters/http'],
    ...['adapters/keyring', 'adapters/sealed-store', 'adapters/lock'],
  ],
};
const REST = 'shared-rest.cjs';

/**
 * @param metafile of the build
 * @returns tells by its path into which shared file an output goes, if into any: what several of them
 *   would hold goes into the first that is loaded
 */
export function sharedOutputs({ outputs }) {
  const visit = (path, seen) => {
    if (seen.has(path) || !outputs[path]) return;
    seen.add(path);
    for (const next of outputs[path].imports) {
      if (next.kind !== 'dynamic-import') visit(next.path, seen);
    }
  };
  const neededBy = (entries) => {
    const seen = new Set();
    for (const [path, { entryPoint }] of Object.entries(outputs)) {
      if (entries.includes(entryPoint)) visit(path, seen);
    }
    return seen;
  };
  const atOnce = neededBy([START_ENTRY]);
  const groups = Object.entries(SHARED).map(([file, names]) => ({
    file,
    members: neededBy(names.map((name) => `src/${name}.ts`)),
  }));
  const size = ({ inputs }) =>
    Object.values(inputs).reduce((sum, { bytesInOutput }) => sum + bytesInOutput, 0);
  return (path) => {
    const [group, another] = groups.filter(({ members }) => members.has(path));
    if (atOnce.has(path)) return START;
    if (size(outputs[path]) >= SMALL) return undefined;
    return another ? START : (group?.file ?? REST);
  };
}

/**
 * @param metafile of the build
 * @returns tells by its name whether a chunk is required from outside of its file, or late
 */
export function chunksAskedFor({ outputs }, sharedFile) {
  const asked = new Set([START]);
  for (const [path, { imports }] of Object.entries(outputs)) {
    for (const next of imports.filter(({ external }) => !external)) {
      const late = next.kind === 'dynamic-import';
      if (late || sharedFile(next.path) !== sharedFile(path)) asked.add(basename(next.path));
    }
  }
  return (name) => asked.has(name);
}

/**
 * Joins chunks into one file. What they have of each other are names of one scope; each is begun when
 * it is first required.
 * @param file its name
 * @param chunks their names and texts, as ES modules
 * @param options of esbuild
 */
export async function joinChunks(file, chunks, isAskedFor, options) {
  const texts = new Map(chunks.map(({ name, text }) => [`./${name}`, text]));
  const asked = chunks.map(({ name }) => name).filter(isAskedFor);
  const parts = asked.map((name) => `"./${name}":()=>require("./${name}")`);
  const { outputFiles } = await build({
    ...options,
    bundle: true,
    stdin: { contents: `module.exports={${parts}};`, sourcefile: file, resolveDir: '.' },
    outdir: undefined,
    outfile: `dist/${file}`,
    plugins: [
      {
        name: 'chunks',
        setup: ({ onResolve, onLoad }) => {
          onResolve({ filter: /^/ }, ({ path }) =>
            texts.has(path) ? { path, namespace: 'chunk' } : { path, external: true },
          );
          onLoad({ filter: /^/, namespace: 'chunk' }, ({ path }) => ({
            contents: texts.get(path),
          }));
        },
      },
    ],
  });
  const [map, code] = ['.map', '.cjs'].map(
    (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text,
  );
  return { name: file, code, map };
}

/**
 * What the build requires with: parts, the files that they are in, and `src/code-loader.ts` for those
 * files whose compiled code is worth keeping.
 * @param chunks their names and files, all but those of the start file
 * @param files with their code, all but the start file
 */
export function loaderFor(chunks, files) {
  const places = Object.fromEntries(
    chunks.filter(({ file }) => file).map(({ name, file }) => [`./${name}`, `./${file}`]),
  );
  const large = files.filter(({ code }) => code.length >= LARGE).map(({ name }) => `./${name}`);
  return `const places=${JSON.stringify(places)},large=${JSON.stringify(large)},node=require,loaded=new Map();
const loadFile=(name)=>{
if(!load.kept||!large.includes(name))return node(name);
load.files??=node("./code-loader.cjs").createCodeLoader(node,{built:__dirname,kept:load.kept});
return load.files.load(name);
};
const load=(name)=>{
if(!name.startsWith("./"))return node(name);
let part=loaded.get(name);
if(part)return part;
const parts=Object.hasOwn(places,name)?loadFile(places[name]):own;
part=Object.hasOwn(parts,name)?parts[name]():loadFile(name);
loaded.set(name,part);
return part;
};
load.start=(...args)=>load("./${START}").start(...args);
require=load;`;
}

/** After the code of the start file, which is what everything is required with. */
export const LOADER_END = 'const own=module.exports;module.exports=load;';
