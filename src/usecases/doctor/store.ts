import { existsSync } from 'node:fs';
import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { storeKindOf, tryStore } from '../../secrets/vault.ts';
import { findOrphans, removeOrphans } from '../secrets/orphaned-secrets.ts';
import { type Finding, failed, ok } from './finding.ts';
import type { Target } from './target.ts';

const SHOWN = 5;
const CURE = 'if no other TOKENCLI_HOME uses them, remove them (service tokencli) from the keyring';

/**
 * Writes, reads and deletes an entry in the store for new secrets, and looks for secrets that no
 * profile names.
 */
export async function checkStore(app: App, target: Target, fix: boolean): Promise<Finding> {
  try {
    const kind = storeKindOf(app.env, target.configuredStore);
    const hasKey = ['TOKENCLI_STORE_KEY', 'TOKENCLI_STORE_KEY_FILE'].some((name) =>
      readVariable(app.env, name),
    );
    if (kind === 'file' && !hasKey && !existsSync(app.paths.sealedSecrets)) {
      // to test it, a passphrase for a new file would have to be chosen, which nobody may need
      return ok('sealed file: not made yet; the first secret makes it');
    }
    const store = await app.secretStore(kind);
    await tryStore(store);
    const works = `${store.label()}: an entry was written, read and deleted`;
    const own = store.kind === 'file';
    const removed = fix && own ? await removeOrphans(app, store) : 0;
    if (removed > 0) return ok(`${works} (removed ${removed} that nothing names)`);
    const orphans = await findOrphans(app, store).catch(unlisted);
    if (!orphans) return ok(`${works}; not all of its entries can be listed now`);
    if (orphans.length === 0) return ok(works);
    const detail = `${works}; nothing in this home names ${orphans.slice(0, SHOWN).join(', ')}`;
    return { ok: true, detail, cure: own ? 'tokencli doctor --fix' : CURE };
  } catch (error) {
    return failed(error);
  }
}

/** A store that works may refuse a listing: one locked entry of another collection is enough. */
function unlisted(error: unknown): undefined {
  if (error instanceof CliError && error.code === 'store_unavailable') return undefined;
  throw error;
}
