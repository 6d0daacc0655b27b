import { existsSync } from 'node:fs';
import type { App } from '../core/ports.ts';
import { storeKindOf, tryStore } from '../secrets/vault.ts';
import { type Finding, illness, sound } from './doctor-finding.ts';
import type { Patient } from './doctor-patient.ts';

/** A round trip with an entry of no worth through the store that new secrets would go to. */
export async function checkStore(app: App, { configuredStore }: Patient): Promise<Finding> {
  try {
    const kind = storeKindOf(app.env, configuredStore);
    const hasKey = app.env['TOKENCLI_STORE_KEY'] || app.env['TOKENCLI_STORE_KEY_FILE'];
    if (kind === 'file' && !hasKey && !existsSync(app.paths.sealedSecrets)) {
      // trying it would ask for the passphrase of a file that nobody may ever want
      return sound('sealed file: not made yet; the first secret makes it');
    }
    const store = await app.secretStore(kind);
    await tryStore(store);
    return sound(`${store.describe()}: an entry was written, read and deleted`);
  } catch (error) {
    return illness(error);
  }
}
