// esbuild cuts what several commands share into very many small files, and opening one costs more
// than what is in it (measured). They become functions, each called when it is first required, of a
// few files: to compile what somebody else's command needs costs as well.

/** Characters; above it is a package, which is a file of its own. */
const SMALL = 64 * 1024;

const START = 'src/start.ts';

/** By what first needs them: every command, the frequent ones, all others. */
const FILES = [
  { file: 'shared.cjs', entries: ['start', 'usecases/inspect', 'usecases/discover'] },
  {
    file: 'shared-tokens.cjs',
    entries: [
      ...['usecases/get-token', 'usecases/refresh', 'adapters/msal', 'adapters/http'],
      ...['adapters/keyring', 'adapters/sealed-store', 'adapters/lock'],
    ],
  },
  { file: 'shared-rest.cjs', entries: undefined },
];

/** What a file that requires shared chunks begins with. */
export const REQUIRE_SHARED = `require=require("./${FILES[0].file}");`;

/**
 * @param metafile of the build
 * @returns tells by its path into which shared file an output goes, if into any
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
  const groups = FILES.map(({ file, entries }) => ({
    file,
    members: entries && neededBy(entries.map((name) => `src/${name}.ts`)),
  }));
  const size = ({ inputs }) =>
    Object.values(inputs).reduce((sum, { bytesInOutput }) => sum + bytesInOutput, 0);
  return (path) => {
    const output = outputs[path];
    if (output.entryPoint === START || size(output) >= SMALL) return undefined;
    return groups.find(({ members }) => !members || members.has(path))?.file;
  };
}

/**
 * @param chunks their names, their code as CommonJS, its source map, and the shared file of each
 * @returns the shared files, in the same form
 */
export function joinChunks(chunks) {
  return FILES.map(({ file }) => {
    const own = chunks.filter((chunk) => chunk.file === file);
    const others = chunks.filter((chunk) => chunk.file !== file);
    return joinFile(file, own, file === FILES[0].file ? loaderOf(others) : undefined);
  });
}

function joinFile(file, chunks, loader) {
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
  code += '};\n';
  code += loader ?? 'module.exports=parts;\n';
  // Node reads no map that lacks `sources`, though a map of sections has none
  return { name: file, code, map: JSON.stringify({ version: 3, sources: [], sections }) };
}

/** What the build requires with: parts, and `src/code-loader.ts` for files where code is kept. */
function loaderOf(elsewhere) {
  const places = elsewhere.map(({ name, file }) => [`./${name}`, `./${file}`]);
  return `const places=${JSON.stringify(Object.fromEntries(places))};
const loaded=new Map();
let kept;
const loadFile=(name)=>{
if(!kept||!name.startsWith("./"))return require(name);
load.files??=require("./code-loader.cjs").createCodeLoader(require,{built:__dirname,kept});
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
load.keepIn=(folder)=>{kept=folder;};
module.exports=load;
`;
}
