// What a file imports is loaded as it starts, also what only few calls need. These plugins of esbuild
// load it when it is called.

const CRYPTO = ['createCipheriv', 'createDecipheriv', 'createHash', 'createHmac', 'randomBytes'];

/** Modules of Node, of which a call that has its answer needs few. */
const MODULES = {
  'node:crypto': CRYPTO.map(
    (name) => `export const ${name} = (...args) => require('node:crypto').${name}(...args);`,
  ).join('\n'),
  // a CommonJS file has a `require` of its own
  'node:module': 'export const createRequire = () => require;',
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

/** MSAL signs assertions with it; a client with a secret would wait half a start for it (measured). */
export const LATE_PACKAGE = 'jsonwebtoken';

/** A file of its own stands for the package, of which MSAL uses one function. */
export const latePackage = {
  name: 'late-package',
  setup: ({ onResolve, onLoad }) => {
    const file = `./${LATE_PACKAGE}.cjs`;
    onResolve({ filter: new RegExp(`^${LATE_PACKAGE}$`) }, ({ path, importer }) =>
      importer.includes('/@azure/msal-node/') ? { path, namespace: 'late-package' } : undefined,
    );
    onResolve({ filter: /./, namespace: 'late-package' }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /./, namespace: 'late-package' }, () => ({
      contents: `export default { sign: (...args) => require('${file}').sign(...args) };`,
    }));
  },
};
