// What a file imports is loaded as it starts, also what only few calls need. These plugins of esbuild
// load it when it is called.

const CRYPTO = ['createCipheriv', 'createDecipheriv', 'createHash', 'createHmac', 'randomBytes'];

/** What does not change while a process runs. */
const PROCESS = [
  'arch',
  'dlopen',
  'geteuid',
  'getBuiltinModule',
  'platform',
  'umask',
  'version',
  'versions',
];

/** Modules of Node, of which a call that has its answer needs few. */
const MODULES = {
  'node:crypto': CRYPTO.map(
    (name) => `export const ${name} = (...args) => require('node:crypto').${name}(...args);`,
  ).join('\n'),
  // a CommonJS file has a `require` of its own
  'node:module': 'export const createRequire = () => require;',
  // it is there; an import of it as a whole would copy all that it has
  'node:process': [
    'export default process;',
    ...PROCESS.map((name) => `export const ${name} = process.${name};`),
  ].join('\n'),
};

/** @param names of modules that are loaded when they are called; all of those above by default */
export const lateModules = (names = Object.keys(MODULES)) => ({
  name: 'late-modules',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/, namespace: 'file' }, ({ path }) =>
      names.includes(path) ? { path, namespace: 'late' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => ({ contents: MODULES[path] }));
  },
});

/** @returns one module, which requires `file` as soon as one of its functions is called */
const stub = (file, functions, constants = {}) =>
  [
    ...functions.map(
      (name) => `export const ${name}=(...args)=>require('${file}').${name}(...args);`,
    ),
    ...Object.entries(constants).map(([name, value]) => `export const ${name}='${value}';`),
  ].join('\n');

/**
 * @param filter of the path that is imported
 * @param isMeant tells by its path whether a file that imports it gets the replacement
 */
const replace = (name, filter, contents, isMeant = () => true) => ({
  name,
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter, namespace: 'file' }, ({ path, importer }) =>
      isMeant(importer) ? { path, namespace: name } : undefined,
    );
    onResolve({ filter: /./, namespace: name }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /./, namespace: name }, () => ({ contents }));
  },
});

const isMsal = (importer) => importer.includes('/@azure/msal-node/');

/**
 * Files of their own that most calls do not need, by their entry points. MSAL signs assertions with
 * jsonwebtoken, of which it uses one function: a client with a secret would wait a third of a start
 * for it. The rules of profiles.json bring zod, which costs as much (measured).
 */
export const LATE_FILES = { jsonwebtoken: 'jsonwebtoken', rules: 'src/profiles/rules.ts' };

export const lateSignatures = replace(
  'late-signatures',
  /^jsonwebtoken$/,
  `export default { sign: (...args) => require('./jsonwebtoken.cjs').sign(...args) };`,
  isMsal,
);

/** What MSAL imports as a whole, and the names that it imports from there besides. */
const WHOLE = { crypto: ['createHash'], http: [] };

/** Of a module that is imported as a whole all names are copied, which takes as long as to load it. */
export const wholeModules = Object.entries(WHOLE).map(([module, names]) =>
  replace(
    `whole-${module}`,
    new RegExp(`^${module}$`),
    `const whole = require('${module}');
     export default whole;
     ${names.map((name) => `export const ${name} = whole.${name};`).join('\n')}`,
    isMsal,
  ),
);

/** @param digest of the file, by which a note of what they have found is tied to them */
export const lateRules = (digest) =>
  replace(
    'late-rules',
    /\/rules\.ts$/,
    stub('./rules.cjs', ['findProfileProblems', 'findHeadProblems', 'parseRef', 'isProfileField'], {
      RULES: digest,
    }),
  );
