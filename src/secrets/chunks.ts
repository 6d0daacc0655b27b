import { createHash } from 'node:crypto';
import { CliError } from '../core/errors.ts';
import type { SecretStore } from '../core/ports.ts';

/**
 * UTF-16 units. Windows Credential Manager allows 2,560 bytes in one entry
 * (CRED_MAX_CREDENTIAL_BLOB_SIZE).
 */
export const ENTRY_LIMIT = 1280;

/** Marks a value that is a manifest. */
const MANIFEST = 'tokencli-parts:';
/** Prefix of a value that itself begins with one of these marks. */
const ESCAPED = 'tokencli-text:';
const MOST_PARTS = 1000;

interface Manifest {
  readonly parts: number;
  /** SHA-256 of the whole value, hex. Detects a mixture of parts of two values. */
  readonly sha256: string;
}

/**
 * Stores a value of any length. A long one is split into parts, stored under `<account>#1`,
 * `<account>#2`, … Afterwards a manifest is stored under the account itself: while it is missing,
 * so is the value.
 */
export async function writeValue(store: SecretStore, account: string, value: string) {
  const whole = isMarked(value) ? ESCAPED + value : value;
  if (whole.length <= ENTRY_LIMIT) return store.set(account, whole);
  const parts = splitText(value, ENTRY_LIMIT);
  for (const [index, part] of parts.entries()) await store.set(partOf(account, index), part);
  const manifest: Manifest = { parts: parts.length, sha256: digest(value) };
  return store.set(account, MANIFEST + JSON.stringify(manifest));
}

/**
 * @returns undefined if there is no value
 * @throws CliError invalid_data if a part is missing or belongs to another value
 */
export async function readValue(store: SecretStore, account: string): Promise<string | undefined> {
  const whole = await store.get(account);
  if (whole?.startsWith(ESCAPED)) return whole.slice(ESCAPED.length);
  if (!whole?.startsWith(MANIFEST)) return whole;
  const { parts, sha256 } = parseManifest(whole.slice(MANIFEST.length), account);
  let value = '';
  for (let index = 0; index < parts; index += 1) {
    const part = await store.get(partOf(account, index));
    if (part === undefined) throw damaged(account);
    value += part;
  }
  if (digest(value) !== sha256) throw damaged(account);
  return value;
}

/** Removes the parts before the value itself, so that an interrupted removal can be repeated. */
export async function removeValue(store: SecretStore, account: string): Promise<void> {
  const held = await store.list();
  for (const name of held) if (name.startsWith(`${account}#`)) await store.delete(name);
  await store.delete(account);
}

/** Splits a text into pieces of at most `limit` UTF-16 units. Never splits a surrogate pair. */
export function splitText(text: string, limit: number): string[] {
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + limit, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}

function parseManifest(json: string, account: string): Manifest {
  try {
    const { parts, sha256 } = JSON.parse(json) as Partial<Manifest>;
    const counted = Number.isInteger(parts) && Number(parts) > 0 && Number(parts) <= MOST_PARTS;
    if (counted && typeof sha256 === 'string') return { parts: Number(parts), sha256 };
  } catch {
    // handled like any other invalid manifest
  }
  throw damaged(account);
}

function isMarked(value: string): boolean {
  return value.startsWith(MANIFEST) || value.startsWith(ESCAPED);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
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
