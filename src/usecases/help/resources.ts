import { CLOUDS } from '../../core/clouds.ts';
import type { Outcome } from '../../core/ports.ts';
import { RESOURCES } from '../../entra/resources.ts';
import { formatTable } from '../../output/table.ts';

/** The short names for `--resource`, with a column per cloud. */
export async function helpResources(): Promise<Outcome> {
  const title = ['NAME', ...CLOUDS.map((cloud) => cloud.toUpperCase()), 'WHAT IT IS'];
  const rows = RESOURCES.map(({ name, describe, uris }) => [
    name,
    ...CLOUDS.map((cloud) => uris[cloud] ?? '-'),
    describe,
  ]);
  return { stdout: formatTable([title, ...rows]) };
}
