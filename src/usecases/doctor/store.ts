import { existsSync } from 'node:fs';
import type { App } from '../../core/ports.ts';
import { storeKindOf, tryStore } from '../../secrets/vault.ts';
import { findOrphans, removeOrphans } from '../secrets/orphaned-secrets.ts';
import { type Finding, failed, ok } from './finding.ts';
import type { Target } from './target.ts';

const SHOWN = 5;
const CURE = 'if no other TOKENCLI_HOME uses them, remove them (service tokencli) from the keyring';

/** A round trip with an entry of no worth through the store that new secrets would go to. */
export async function checkStore(
  app: App,
  { configuredStore }: Target,
  fix: boolean,
): Promise<Finding> {
  try {
    const kind = storeKindOf(app.env, configuredStore);
    const hasKey = app.env['TOKENCLI_STORE_KEY'] || app.env['TOKENCLI_STORE_KEY_FILE'];
    if (kind === 'file' && !hasKey && !existsSync(app.paths.sealedSecrets)) {
      // trying it would ask for the passphrase of a file that nobody may ever want
      return ok('sealed file: not made yet; the first secret makes it');
    }
    const store = await app.secretStore(kind);
    await tryStore(store);
    const works = `${store.describe()}: an entry was written, read and deleted`;
    const own = store.kind === 'file';
    const removed = fix && own ? await removeOrphans(app, store) : 0;
    if (removed > 0) return ok(`${works} (removed ${removed} that nothing names)`);
    const orphans = await findOrphans(app, store);
    if (orphans.length === 0) return ok(works);
    const detail = `${works}; nothing in this home names ${orphans.slice(0, SHOWN).join(', ')}`;
    return { ok: true, detail, cure: own ? 'tokencli doctor --fix' : CURE };
  } catch (error) {
    return failed(error);
  }
}
