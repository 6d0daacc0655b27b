import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { startDeadline } from '../core/deadline.ts';
import { CliError } from '../core/errors.ts';
import { readPrivateFile, writePrivateFile } from '../core/files/private-file.ts';
import { ensurePrivateFolder } from '../core/files/private-folder.ts';
import type { App, SecretStore } from '../core/ports.ts';
import {
  type Envelope,
  openEnvelope,
  parseEnvelope,
  type Scrypt,
  type Secrets,
  sealSecrets,
} from '../secrets/sealed-file.ts';
import { findStoreKey } from '../secrets/store-key.ts';

const LARGEST_FILE = 64 * 1024 * 1024;
const LOCK_SECONDS = 30;
const runScrypt = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** What the file is encrypted with. Read, or asked for, once per process. */
type KeySource = { readonly key: Buffer } | { readonly passphrase: string };

/** A store in one file that is encrypted with a key or a passphrase of the user. */
export function createSealedStore(app: App): SecretStore {
  const path = app.paths.sealedSecrets;
  const derived = new Map<string, Promise<Buffer>>();
  let source: Promise<KeySource> | undefined;

  const load = (): Envelope | undefined => {
    const bytes = readPrivateFile(path, LARGEST_FILE);
    return bytes && parseEnvelope(bytes);
  };
  const sourceFor = (envelope: Envelope | undefined) => (source ??= findKey(app, envelope));
  const keyFor = async (kdf: Scrypt | undefined, from: KeySource): Promise<Buffer> => {
    if ('key' in from && !kdf) return from.key;
    if ('key' in from || !kdf) throw wrongKey();
    const id = JSON.stringify(kdf);
    const key = derived.get(id) ?? derive(from.passphrase, kdf);
    derived.set(id, key);
    return key;
  };
  const open = async (envelope: Envelope | undefined, from: KeySource): Promise<Secrets> => {
    if (!envelope) return {};
    const secrets = openEnvelope(envelope, await keyFor(envelope.kdf, from));
    if (!secrets) throw wrongKey();
    return secrets;
  };
  const read = async (): Promise<Secrets> => {
    const envelope = load();
    return envelope ? open(envelope, await sourceFor(envelope)) : {};
  };
  const change = async (edit: (secrets: Secrets) => Secrets): Promise<void> => {
    // ask for the passphrase before taking the lock, so that other processes need not wait for a
    // person
    const from = await sourceFor(load());
    ensurePrivateFolder(app.paths.home);
    const locks = await app.locks();
    const release = await locks.acquire('secrets', startDeadline(LOCK_SECONDS, app.interrupted));
    try {
      const envelope = load();
      const secrets = edit(await open(envelope, from));
      const kdf = envelope ? envelope.kdf : 'key' in from ? undefined : freshScrypt();
      const bytes = sealSecrets(secrets, await keyFor(kdf, from), kdf);
      writePrivateFile(path, bytes);
      if (!readPrivateFile(path, LARGEST_FILE)?.equals(bytes)) {
        throw new CliError('store_unavailable', `${path} does not hold what was written to it`);
      }
    } finally {
      release();
    }
  };

  return {
    kind: 'file',
    label: () => `sealed file (${path})`,
    get: async (account) => {
      const secrets = await read();
      return Object.hasOwn(secrets, account) ? secrets[account] : undefined;
    },
    set: (account, value) => change((secrets) => ({ ...secrets, [account]: value })),
    delete: async (account) => {
      if (!Object.hasOwn(await read(), account)) return;
      await change(({ [account]: _gone, ...rest }) => rest);
    },
    list: async () => Object.keys(await read()),
  };
}

/**
 * @param envelope tells whether the existing file needs a key or a passphrase; undefined: no file
 *   yet, so either
 */
async function findKey(app: App, envelope: Envelope | undefined): Promise<KeySource> {
  const key = await findStoreKey(app, keyHint(envelope));
  if (key) {
    app.log.registerSecret(key.toString('base64'));
    return { key };
  }
  if (!app.log.interactive || (envelope && !envelope.kdf)) {
    throw new CliError('store_unavailable', 'the sealed store needs its key', {
      hint: `set TOKENCLI_STORE_KEY or TOKENCLI_STORE_KEY_FILE; ${keyHint(envelope)}`,
      unsent: true,
    });
  }
  if (envelope) return { passphrase: await askPassphrase(app) };
  const { askForNewPassphrase } = await import('../secrets/new-passphrase.ts');
  return { passphrase: await askForNewPassphrase(app, 'New passphrase for the sealed store') };
}

/** What to say about the key: only the one that an existing store was made with opens it. */
function keyHint(envelope: Envelope | undefined): string {
  if (!envelope) return 'a new key: openssl rand -base64 32';
  return envelope.kdf
    ? 'the store opens by its passphrase'
    : 'the key is the one that the store was made with';
}

async function askPassphrase(app: App): Promise<string> {
  const prompter = await app.prompter();
  const passphrase = await prompter.password({ message: 'Passphrase of the sealed store' });
  app.log.registerSecret(passphrase);
  return passphrase;
}

function freshScrypt(): Scrypt {
  return { name: 'scrypt', N: 2 ** 17, r: 8, p: 1, salt: randomBytes(16).toString('base64') };
}

async function derive(passphrase: string, { N, r, p, salt }: Scrypt): Promise<Buffer> {
  // scrypt needs 128 * N * r bytes (RFC 7914 section 2)
  const options = { N, r, p, maxmem: 128 * N * r + 32 * 1024 * 1024 };
  try {
    return await runScrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), 32, options);
  } catch (cause) {
    throw new CliError('store_unavailable', 'no memory for scrypt', { cause });
  }
}

function wrongKey(): CliError {
  return new CliError('store_unavailable', 'the sealed store does not open with this key', {
    hint: 'check TOKENCLI_STORE_KEY, TOKENCLI_STORE_KEY_FILE or the passphrase it was made with',
    unsent: true,
  });
}
