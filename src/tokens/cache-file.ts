import { existsSync, readdirSync } from 'node:fs';
import { basename, sep } from 'node:path';
import { attempt } from '../core/attempt.ts';
import type { StoreKind } from '../core/ports.ts';
import { seal, unseal } from '../core/seal.ts';

/**
 * The first line of a profile's cache file, which is not encrypted: it says which key opens the
 * file. Each line after it is one encrypted record. The additional authenticated data of a record
 * are the header, the profile and the record's name. A record that was changed, renamed or copied
 * from another file therefore does not decrypt.
 */
export interface CacheHeader {
  /** The store that holds the encryption key. */
  readonly store: StoreKind;
  /** Id of the key in that store: 32 hex digits. */
  readonly key: string;
}

export interface SealedRecord {
  /** The record's lookup key: 32 hex digits. */
  readonly name: string;
  /** Output of `core/seal.ts`, base64. */
  readonly sealed: string;
}

/** Bytes. */
export const LARGEST_CACHE = 64 * 1024 * 1024;
/** Bytes. */
const LONGEST_HEADER = 256;

const FORMAT = 'tokencli-cache';
const VERSION = 1;
const EXTENSION = '.tokens';
const LINE = /^([0-9a-f]{32}) ([A-Za-z0-9+/]+={0,2})$/;

const NEWLINE = 10;

/** The name is in lower case, because profile names that differ only in case are the same name. */
export function cachePath(cacheFolder: string, profile: string): string {
  return `${cacheFolder}${sep}${profile.toLowerCase()}${EXTENSION}`;
}

/** @returns the names of the profiles that have a cache file, in lower case */
export function cachedProfiles(cacheFolder: string): string[] {
  const names = existsSync(cacheFolder) ? readdirSync(cacheFolder) : [];
  return names.filter((name) => name.endsWith(EXTENSION)).map((name) => basename(name, EXTENSION));
}

/** Name of the lock that must be held to change a profile's cache file. */
export function cacheLock(profile: string): string {
  return `token-${profile.toLowerCase()}`;
}

export function formatCacheFile(header: CacheHeader, records: readonly SealedRecord[]): string {
  const lines = records.map(({ name, sealed }) => `${name} ${sealed}\n`);
  return `${headerLine(header)}\n${lines.join('')}`;
}

/** @returns undefined unless the first line is exactly what this version writes */
export function readHeader(bytes: Buffer): CacheHeader | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0 || end >= LONGEST_HEADER) return undefined;
  const line = bytes.toString('latin1', 0, end);
  const found = /"store":"(keyring|file)","key":"([0-9a-f]{32})"/.exec(line);
  if (!found?.[1] || !found[2]) return undefined;
  const header: CacheHeader = { store: found[1] as StoreKind, key: found[2] };
  return headerLine(header) === line ? header : undefined;
}

/** Finds one record without parsing the others. */
export function findRecord(bytes: Buffer, name: string): SealedRecord | undefined {
  const before = bytes.indexOf(`\n${name} `, 0, 'latin1');
  if (before < 0) return undefined;
  const start = before + name.length + 2;
  const end = bytes.indexOf('\n', start, 'latin1');
  return end < 0 ? undefined : { name, sealed: bytes.toString('latin1', start, end) };
}

/** @returns one entry for each line after the header; undefined for one that holds no record */
export function readRecords(bytes: Buffer): (SealedRecord | undefined)[] {
  const [, ...lines] = bytes.toString('latin1').split('\n');
  const names = new Set<string>();
  const rest = lines.pop();
  const records = lines.map((line) => {
    const [, name, sealed] = LINE.exec(line) ?? [];
    if (!name || !sealed || names.has(name)) return undefined;
    names.add(name);
    return { name, sealed };
  });
  // a last line without its end is one that was cut
  return rest ? [...records, undefined] : records;
}

/** @param content any JSON value */
export function sealRecord(
  encryptionKey: Uint8Array,
  header: CacheHeader,
  profile: string,
  name: string,
  content: unknown,
): SealedRecord {
  const bytes = Buffer.from(JSON.stringify(content));
  return {
    name,
    sealed: seal(encryptionKey, bytes, aadOf(header, profile, name)).toString('base64'),
  };
}

/** @returns the content; undefined if a single bit differs from what was written */
export function openRecord(
  encryptionKey: Uint8Array,
  header: CacheHeader,
  profile: string,
  { name, sealed }: SealedRecord,
): unknown {
  const bytes = Buffer.from(sealed, 'base64');
  // other base64 texts decode to the same bytes; only the one that was written is accepted
  if (bytes.toString('base64') !== sealed) return undefined;
  const content = unseal(encryptionKey, bytes, aadOf(header, profile, name));
  return content && attempt(() => JSON.parse(content.toString()));
}

function headerLine({ store, key }: CacheHeader): string {
  return JSON.stringify({ format: FORMAT, version: VERSION, store, key });
}

function aadOf(header: CacheHeader, profile: string, name: string): string {
  return `${headerLine(header)}\n${profile.toLowerCase()}\n${name}`;
}
