import { createHash } from 'node:crypto';
import { CliError } from '../core/errors.ts';
import { parseJsonObject } from '../core/json.ts';
import type { SecretStore } from '../core/ports.ts';

/**
 * UTF-16 units. Windows Credential Manager allows 2,560 bytes in one entry
 * (CRED_MAX_CREDENTIAL_BLOB_SIZE).
 */
export const ENTRY_LIMIT = 1280;

/** Marks a value, and a manifest. Base64url of UTF-8 follows. */
const VALUE = 'tokencli-value:';
const SPLIT = 'tokencli-split:';
/** What earlier versions marked: a manifest, and a text that began with a mark. No encoding. */
const OLD_SPLIT = 'tokencli-parts:';
const OLD_VALUE = 'tokencli-text:';
const MOST_PARTS = 1000;

interface Manifest {
  readonly parts: number;
  /** SHA-256 of the whole value, hex. Detects a mixture of parts of two values. */
  readonly sha256: string;
}

/**
 * Stores a value of any length and content. A gnome-keyring without a password writes values raw into
 * a text file, and cannot read that file again once a value had a line end; so a store is given one
 * line of letters, digits, hyphens, underscores and a colon. A long value is split into parts, stored
 * under `<account>#1`, `<account>#2`, … Afterwards a manifest is stored under the account itself:
 * while it is missing, so is the value.
 */
export async function writeValue(store: SecretStore, account: string, value: string) {
  const encoded = encode(value);
  if (VALUE.length + encoded.length <= ENTRY_LIMIT) return store.set(account, VALUE + encoded);
  const parts = Math.ceil(encoded.length / ENTRY_LIMIT);
  for (let index = 0; index < parts; index += 1) {
    const part = encoded.slice(index * ENTRY_LIMIT, (index + 1) * ENTRY_LIMIT);
    await store.set(partOf(account, index), part);
  }
  const manifest: Manifest = { parts, sha256: digest(value) };
  return store.set(account, SPLIT + encode(JSON.stringify(manifest)));
}

/**
 * Also reads what earlier versions have stored.
 * @returns undefined if there is no value
 * @throws CliError invalid_data if a part is missing or belongs to another value
 */
export async function readValue(store: SecretStore, account: string): Promise<string | undefined> {
  const whole = await store.get(account);
  if (whole?.startsWith(VALUE)) return decode(whole.slice(VALUE.length));
  if (whole?.startsWith(OLD_VALUE)) return whole.slice(OLD_VALUE.length);
  if (!whole || !isManifest(whole)) return whole;
  const manifest = parseManifest(whole);
  if (!manifest) throw damaged(account);
  let joined = '';
  for (let index = 0; index < manifest.parts; index += 1) {
    const part = await store.get(partOf(account, index));
    if (part === undefined) throw damaged(account);
    joined += part;
  }
  const value = whole.startsWith(SPLIT) ? decode(joined) : joined;
  if (digest(value) !== manifest.sha256) throw damaged(account);
  return value;
}

/**
 * Removes the parts before the value itself, so that an interrupted removal can be repeated. The store
 * is listed only if nothing else tells which parts there are: one locked entry makes a keyring refuse
 * the listing, but not the entries that can be read by name.
 */
export async function removeValue(store: SecretStore, account: string): Promise<void> {
  const whole = await store.get(account);
  const manifest = whole && isManifest(whole) ? parseManifest(whole) : undefined;
  for (let index = 0; index < (manifest?.parts ?? 0); index += 1) {
    await store.delete(partOf(account, index));
  }
  if (whole === undefined || (isManifest(whole) && !manifest)) {
    const held = await store.list();
    for (const name of held) if (name.startsWith(`${account}#`)) await store.delete(name);
  }
  if (whole !== undefined) await store.delete(account);
}

function isManifest(whole: string): boolean {
  return whole.startsWith(SPLIT) || whole.startsWith(OLD_SPLIT);
}

/** @returns undefined if it is damaged */
function parseManifest(whole: string): Manifest | undefined {
  const json = whole.startsWith(SPLIT)
    ? decode(whole.slice(SPLIT.length))
    : whole.slice(OLD_SPLIT.length);
  const { parts, sha256 }: Partial<Manifest> = parseJsonObject(json) ?? {};
  const counted = Number.isInteger(parts) && Number(parts) > 0 && Number(parts) <= MOST_PARTS;
  return counted && typeof sha256 === 'string' ? { parts: Number(parts), sha256 } : undefined;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function decode(encoded: string): string {
  return Buffer.from(encoded, 'base64url').toString();
}

function partOf(account: string, index: number): string {
  return `${account}#${index + 1}`;
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

function damaged(account: string): CliError {
  const kind = account.split(':', 1)[0];
  return new CliError('invalid_data', `the stored ${kind} is damaged: a part of it is missing`, {
    hint: 'set it again: tokencli config edit',
  });
}
