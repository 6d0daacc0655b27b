import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSealedStore } from '../../src/adapters/sealed-store.ts';
import { locatePaths } from '../../src/core/paths.ts';
import type { SecretStore } from '../../src/core/ports.ts';
import { type ProfilesFile, readProfiles } from '../../src/profiles/store.ts';
import { accountOf, openVault } from '../../src/secrets/vault.ts';
import { createStoreApp } from './store-app.ts';

/** What a home holds after something went wrong in it. */
export interface State {
  /** Names of the profiles. */
  readonly profiles: readonly string[];
  /** What must never be: damage, and references to secrets that are not there. */
  readonly faults: readonly string[];
  /** Accounts that neither a profile, nor the cache, nor a note of a killed change names. */
  readonly lost: readonly string[];
  /** Temporary files of killed processes. */
  readonly leftovers: number;
}

/** Looks at everything below `~/.tokencli`. @param store by default the sealed file of the home */
export async function inspectState(home: string, storeKey: string, store?: SecretStore) {
  const paths = locatePaths(home, undefined);
  const folder = paths.home;
  const env = { TOKENCLI_STORE_KEY: storeKey };
  const secrets = store ?? createSealedStore(createStoreApp({ home, env }).app);
  const faults: string[] = [];
  let file: ProfilesFile | undefined;
  try {
    // no stamp: what an earlier look found valid is validated again
    file = await readProfiles({ ...paths, validationStamp: '/dev/null/none' });
    for (const { problems } of file.broken) faults.push(...problems);
  } catch (error) {
    faults.push(String(error));
  }
  const refs = file?.profiles.flatMap((profile) => profile.credentials ?? []) ?? [];
  for (const { kind, id } of refs) {
    const value = await openVault(secrets).read(kind, id);
    if (value === undefined) faults.push(`dangling: ${kind}:${id}`);
  }
  const named = [...refs.map(({ kind, id }) => accountOf(kind, id)), ...namedElsewhere(folder)];
  const accounts = await secrets.list();
  return {
    profiles: file?.profiles.map(({ name }) => name) ?? [],
    faults,
    lost: accounts.filter((account) => !named.some((name) => account.startsWith(name))),
    leftovers: filesIn(folder).filter((name) => name.endsWith('.tmp')).length,
  } satisfies State;
}

function namedElsewhere(folder: string): string[] {
  const notes = join(folder, 'pending');
  const pending = filesIn(notes).flatMap((name) => {
    const lines = readFileSync(join(notes, name), 'utf8').split('\n');
    return lines.flatMap((line) => {
      const [, kind, id] = /"kind":"(\w+)","id":"([0-9a-f]{32})"/.exec(line) ?? [];
      return kind && id ? [`${kind}:${id}`] : [];
    });
  });
  const keyFile = join(folder, 'cache', 'key.json');
  const keys = existsSync(keyFile) ? readFileSync(keyFile, 'utf8').match(/[0-9a-f]{32}/g) : [];
  return [...pending, ...(keys ?? []).map((id) => `cacheKey:${id}`)];
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
}
