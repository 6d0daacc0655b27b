// esbuild cuts what several commands share into very many small files, and opening one costs more
// than what is in it (measured). They become functions, each called when it is first required, of a
// few files: to compile what somebody else's command needs costs as well.

/** Characters; above it is a package, which is a file of its own. */
const SMALL = 64 * 1024;
/** Characters; to check and open kept code takes as long as to compile a smaller file (measured). */
const LARGE = 64 * 1024;

/** What the quick lane loads when it has no answer; everything else is loaded through it. */
const START = 'start.cjs';

/** What a file that requires shared chunks begins with. */
export const REQUIRE_SHARED = `require=require("./${START}");`;

const START_ENTRY = 'src/start.ts';
/** The other files, by what needs them: the frequent commands, the table of all. */
const SHARED = {
  'shared-inspect.cjs': ['usecases/inspect', 'usecases/discover'],
  'shared-tokens.cjs': [
    ...['usecases/get-token', 'usecases/refresh', 'adapters/msal', 'adapters/http'],
    ...['adapters/keyring', 'adapters/sealed-store', 'adapters/lock'],
  ],
  'shared-commands.cjs': ['commands/index'],
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
 * @param chunks their names, their code as CommonJS, its source map, and the shared file of each
 *   that belongs into one
 * @returns the files of the build, in the same form
 */
export function joinChunks(chunks) {
  const of = (file) => chunks.filter((chunk) => chunk.file === file);
  const files = [...Object.keys(SHARED), REST].map((file) =>
    joinFile(file, of(file), 'module.exports=parts;\n'),
  );
  const others = [...of(undefined), ...files];
  return [joinFile(START, of(START), loaderOf(chunks, others)), ...others];
}

function joinFile(file, chunks, ending) {
  const sections = [];
  let code = 'const parts={\n';
  for (const { name, code: part, map } of chunks) {
    code += `"./${name}"(module,exports,require){\n`;
    sections.push({
      offset: { line: code.split('\n').length - 1, column: 0 },
      map: JSON.parse(map),
    });
    code += `${part}},\n`;
  }
  code += `};\n${ending}`;
  // Node reads no map that lacks `sources`, though a map of sections has none
  return { name: file, code, map: JSON.stringify({ version: 3, sources: [], sections }) };
}

/**
 * What the build requires with: parts, the files that they are in, and `src/code-loader.ts` for those
 * files whose compiled code is worth keeping.
 */
function loaderOf(chunks, files) {
  const places = chunks
    .filter(({ file }) => file && file !== START)
    .map(({ name, file }) => [`./${name}`, `./${file}`]);
  const large = files.filter(({ code }) => code.length >= LARGE).map(({ name }) => `./${name}`);
  return `const places=${JSON.stringify(Object.fromEntries(places))};
const large=${JSON.stringify(large)};
const loaded=new Map();
const loadFile=(name)=>{
if(!load.kept||!large.includes(name))return require(name);
load.files??=require("./code-loader.cjs").createCodeLoader(require,{built:__dirname,kept:load.kept});
return load.files.load(name);
};
const load=(name)=>{
let module=loaded.get(name);
if(module)return module.exports;
if(Object.hasOwn(places,name)&&!Object.hasOwn(parts,name))Object.assign(parts,loadFile(places[name]));
if(!Object.hasOwn(parts,name))return loadFile(name);
loaded.set(name,module={exports:{}});
parts[name](module,module.exports,load);
return module.exports;
};
load.resolve=require.resolve;
load.start=(...args)=>load("./${START}").start(...args);
module.exports=load;
`;
}
