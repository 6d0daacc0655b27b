/**
 * What `--help` prints. `npm run help` had yargs write it, because to load yargs takes longer than
 * most commands.
 * @param path `''` for the whole, `config create`
 */
export async function helpPage(path: string): Promise<string> {
  const { default: pages } = await import('./help-pages.json', { with: { type: 'json' } });
  return (pages as Readonly<Record<string, string>>)[path] ?? '';
}
