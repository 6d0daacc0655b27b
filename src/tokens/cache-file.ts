import { existsSync, readdirSync } from 'node:fs';
import { basename, sep } from 'node:path';
import type { StoreKind } from '../core/ports.ts';
import { seal, unseal } from '../core/seal.ts';

/**
 * The file of one profile's tokens: a header in clear that says which key opens it, then one sealed
 * record per line. Each record is bound to the header, the profile and its own name, so that nothing
 * can be changed, moved or copied between files unnoticed.
 */
export interface CacheHeader {
  /** Where the cache key is kept, and under which id. */
  readonly store: StoreKind;
  readonly key: string;
}

export interface SealedRecord {
  /** 32 hex digits. */
  readonly name: string;
  /** base64 */
  readonly sealed: string;
}

export const LARGEST_CACHE = 64 * 1024 * 1024;
export const LONGEST_HEADER = 256;

const FORMAT = 'tokencli-cache';
const VERSION = 1;
const EXTENSION = '.tokens';
const LINE = /^([0-9a-f]{32}) ([A-Za-z0-9+/]+={0,2})$/;

const NEWLINE = 10;

/** Profile names are unique without regard to case, and so are their files. */
export function cachePath(cacheFolder: string, profile: string): string {
  return `${cacheFolder}${sep}${profile.toLowerCase()}${EXTENSION}`;
}

/** The profiles that have a file, in lower case. */
export function cachedProfiles(cacheFolder: string): string[] {
  const names = existsSync(cacheFolder) ? readdirSync(cacheFolder) : [];
  return names.filter((name) => name.endsWith(EXTENSION)).map((name) => basename(name, EXTENSION));
}

/** The lock under which the file of a profile is changed. */
export function cacheLock(profile: string): string {
  return `token-${profile.toLowerCase()}`;
}

export function formatCacheFile(header: CacheHeader, records: readonly SealedRecord[]): string {
  const lines = records.map(({ name, sealed }) => `${name} ${sealed}\n`);
  return `${headerLine(header)}\n${lines.join('')}`;
}

/** @returns undefined unless the first line is exactly as this version writes it */
export function readHeader(bytes: Buffer): CacheHeader | undefined {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0 || end >= LONGEST_HEADER) return undefined;
  const line = bytes.toString('latin1', 0, end);
  const found = /"store":"(keyring|file)","key":"([0-9a-f]{32})"/.exec(line);
  if (!found?.[1] || !found[2]) return undefined;
  const header: CacheHeader = { store: found[1] as StoreKind, key: found[2] };
  return headerLine(header) === line ? header : undefined;
}

/** One record without looking at the others. */
export function findRecord(bytes: Buffer, name: string): SealedRecord | undefined {
  const before = bytes.indexOf(`\n${name} `, 0, 'latin1');
  if (before < 0) return undefined;
  const start = before + name.length + 2;
  const end = bytes.indexOf('\n', start, 'latin1');
  return end < 0 ? undefined : { name, sealed: bytes.toString('latin1', start, end) };
}

/** Every record. @returns undefined if the text is not exactly of this format */
export function readRecords(bytes: Buffer): SealedRecord[] | undefined {
  const lines = bytes.toString('latin1').split('\n');
  if (lines.pop() !== '' || !readHeader(bytes)) return undefined;
  const records = new Map<string, SealedRecord>();
  for (const line of lines.slice(1)) {
    const found = LINE.exec(line);
    if (!found?.[1] || !found[2] || records.has(found[1])) return undefined;
    records.set(found[1], { name: found[1], sealed: found[2] });
  }
  return [...records.values()];
}

/** @param content anything that JSON can say */
export function sealRecord(
  cacheKey: Uint8Array,
  header: CacheHeader,
  profile: string,
  name: string,
  content: unknown,
): SealedRecord {
  const plain = Buffer.from(JSON.stringify(content));
  return { name, sealed: seal(cacheKey, plain, aadOf(header, profile, name)).toString('base64') };
}

/** @returns undefined if a single bit is not as it was written */
export function openRecord(
  cacheKey: Uint8Array,
  header: CacheHeader,
  profile: string,
  { name, sealed }: SealedRecord,
): unknown {
  const bytes = Buffer.from(sealed, 'base64');
  // base64 has several spellings of the same bytes; only ours is accepted
  if (bytes.toString('base64') !== sealed) return undefined;
  const plain = unseal(cacheKey, bytes, aadOf(header, profile, name));
  if (!plain) return undefined;
  try {
    return JSON.parse(plain.toString());
  } catch {
    return undefined;
  }
}

function headerLine({ store, key }: CacheHeader): string {
  return JSON.stringify({ format: FORMAT, version: VERSION, store, key });
}

function aadOf(header: CacheHeader, profile: string, name: string): string {
  return `${headerLine(header)}\n${profile.toLowerCase()}\n${name}`;
}
