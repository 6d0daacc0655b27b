import { transformSync } from 'esbuild';

export default {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20.19',
      sourcefile: path,
      sourcemap: true,
      define: { TOKENCLI_VERSION: '"9.8.7"' },
    });
    return { code, map };
  },
};
