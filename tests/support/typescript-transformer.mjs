import { transformSync } from 'rolldown/utils';

/** In this process: a compiler that is started for each file takes longer than the file. */
export default {
  process(source, path) {
    const { code, map, errors } = transformSync(path, source, {
      target: 'node20.19',
      sourcemap: true,
      define: { TOKENCLI_VERSION: '"9.8.7"' },
    });
    if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0].message}`);
    return { code, map };
  },
};
