// Writes profiles.schema.json from the zod schema; with --check it only says whether it is stale.
import { readFile, writeFile } from 'node:fs/promises';
import { loadTypeScript } from './load-typescript.mjs';

const TARGET = 'profiles.schema.json';

const { profilesFileSchema, SCHEMA_URL, toJSONSchema } = await loadTypeScript(
  `export * from './src/profiles/schema.ts'; export * from './src/core/names.ts'; export { toJSONSchema } from 'zod';`,
  '.',
  'schema',
);
const { $schema, ...rest } = toJSONSchema(profilesFileSchema, { io: 'input' });
const schema = { $schema, $id: SCHEMA_URL, title: 'tokencli profiles', ...rest };
const text = `${JSON.stringify(schema, undefined, 2)}\n`;

if (!process.argv.includes('--check')) {
  await writeFile(TARGET, text);
} else if ((await readFile(TARGET, 'utf8').catch(() => '')) !== text) {
  console.error(`${TARGET} is stale: npm run schema`);
  process.exitCode = 1;
}
