// esbuild cuts what several commands share into very many small files, and opening one costs more
// than what is in it (measured). They become the functions of one file, each called when it is first
// required.

/** Characters; above it is a package, which is a file of its own. */
const SMALL = 64 * 1024;
const FILE = 'shared.cjs';

/** What a file that requires shared chunks begins with. */
export const REQUIRE_SHARED = `require=require("./${FILE}");`;

/**
 * @param metafile of the build
 * @param apart entry points that run in processes of their own and load nothing else
 * @returns tells by its path whether an output goes into the shared file
 */
export function sharedOutputs({ outputs }, apart) {
  const alone = new Set();
  const visit = (path) => {
    if (alone.has(path) || !outputs[path]) return;
    alone.add(path);
    for (const next of outputs[path].imports) visit(next.path);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (apart.includes(entryPoint)) visit(path);
  }
  const size = ({ inputs }) =>
    Object.values(inputs).reduce((sum, { bytesInOutput }) => sum + bytesInOutput, 0);
  return (path) => {
    const output = outputs[path];
    return output.entryPoint === undefined && !alone.has(path) && size(output) < SMALL;
  };
}

/** @param chunks their names, their code as CommonJS, and its source map */
export function joinChunks(chunks) {
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
  code += `};
const loaded=new Map();
const load=(name)=>{
if(!Object.hasOwn(parts,name))return require(name);
let module=loaded.get(name);
if(!module){loaded.set(name,module={exports:{}});parts[name](module,module.exports,load);}
return module.exports;
};
load.resolve=require.resolve;
module.exports=load;
`;
  // Node reads no map that lacks `sources`, though a map of sections has none
  return { name: FILE, code, map: JSON.stringify({ version: 3, sources: [], sections }) };
}
