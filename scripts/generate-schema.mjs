// Writes profiles.schema.json from the zod schema; with --check it only says whether it is stale.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const TARGET = 'profiles.schema.json';
const bundle = 'build/schema.mjs';

await mkdir('build', { recursive: true });
await build({
  stdin: {
    contents: `export * from './src/profiles/schema.ts'; export { toJSONSchema } from 'zod';`,
    resolveDir: process.cwd(),
    loader: 'ts',
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile: bundle,
  logLevel: 'warning',
});
const { profilesFileSchema, SCHEMA_URL, toJSONSchema } = await import(pathToFileURL(bundle).href);
const { $schema, ...rest } = toJSONSchema(profilesFileSchema, { io: 'input' });
const schema = { $schema, $id: SCHEMA_URL, title: 'tokencli profiles', ...rest };
const text = `${JSON.stringify(schema, undefined, 2)}\n`;

if (!process.argv.includes('--check')) {
  await writeFile(TARGET, text);
} else if ((await readFile(TARGET, 'utf8').catch(() => '')) !== text) {
  console.error(`${TARGET} is stale: npm run schema`);
  process.exitCode = 1;
}
