import {
  DEFAULT_MIN_TTL_SECONDS,
  PROFILE_ALIAS,
  PROFILE_OPTION,
  SILENT_OPTION,
} from './core/option-names.ts';
import { locatePaths, type Paths } from './core/paths.ts';
import type { EarlyFacts, EarlyQuestion, Env, StoreKind } from './core/ports.ts';
import { tryReadPrivate } from './core/private-read.ts';
import { PROFILE_NAME } from './core/profile-name.ts';
import { KEY_BYTES, prepareToUnseal } from './core/seal.ts';
import { askInTime } from './quick-keyring.ts';
import { isAsItWas } from './quick-profile.ts';
import { accountOf, wantedStore } from './secrets/account.ts';
import { openSealedByKey } from './secrets/sealed-by-key.ts';
import { findStoreKey } from './secrets/store-key.ts';
import {
  type CacheHeader,
  cachePath,
  findRecord,
  firstRecord,
  LARGEST_CACHE,
  openRecord,
  readHeader,
  type SealedRecord,
} from './tokens/cache-file.ts';
import { plainKey, sessionKey } from './tokens/lookup-key.ts';
import { asPlainRecord, asSessionRecord, asTokenRecord, lifeLeft } from './tokens/records.ts';

export interface QuickCall {
  readonly argv: readonly string[];
  readonly env: Env;
  readonly userHome: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

const LARGEST_FILE = 100 * 1024 * 1024;
/** What may be parsed once more than necessary. */
const SMALL_FILE = 64 * 1024;
/** Where a plain call finds its records, in a file of any length. */
const CACHE_HEAD = 32 * 1024;

/** Each of these may change the answer, or is refused. */
const OVERRIDES = [
  ...['TOKENCLI_CLIENT_ID', 'TOKENCLI_TENANT_ID', 'TOKENCLI_CLIENT_SECRET'],
  ...['TOKENCLI_CLIENT_CERTIFICATE_PATH', 'TOKENCLI_CLIENT_CERTIFICATE_PASSWORD'],
  ...['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_CLIENT_SECRET'],
  ...['AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_CLIENT_CERTIFICATE_PASSWORD'],
  'NODE_TLS_REJECT_UNAUTHORIZED',
];

export interface QuickAnswer {
  /** What stdout gets; absent for anything but a plain call with a cached answer. */
  readonly text?: string;
  readonly early?: EarlyFacts;
}

/** A cache file that may hold the answer. */
interface Cache {
  readonly profile: string;
  readonly paths: Paths;
  readonly path: string;
  readonly head: Buffer;
  readonly header: CacheHeader;
}

/**
 * Answers `get-token -p NAME --silent` from the sealed cache: no network, no lock, no write, nothing
 * heavy loaded. Without a text the full command line does everything from the start.
 * @param answer called once; at once, if no keyring has to be asked
 */
export function tryQuick(call: QuickCall, answer: (answer: QuickAnswer) => void): void {
  const profile = readCall(call);
  if (profile === undefined) {
    answer({});
    return;
  }
  const cache = quietly(() => openCache(call, profile));
  const finish = (key: string | undefined, question?: EarlyQuestion) => {
    const text = cache && quietly(() => readToken(call, cache, Buffer.from(key ?? '', 'base64')));
    const store = text === undefined ? quietly(() => storeOf(call)) : undefined;
    const early = { ...(store && { store }), ...(question && { question }) };
    answer(text === undefined ? { early } : { text });
  };
  if (cache?.header.store === 'keyring') {
    // to load what opens a record takes longer than the answer (measured)
    void askInTime(accountOf('cacheKey', cache.header.key), prepareToUnseal).then((question) =>
      finish(question.value, question),
    );
  } else {
    finish(cache && quietly(() => readKey(call, cache)));
  }
}

/** Where the full command line will look for secrets, if that can be told at once. */
function storeOf({ env, userHome }: QuickCall): StoreKind | undefined {
  const { profiles } = locatePaths(userHome, env['TOKENCLI_HOME']);
  const bytes = env['TOKENCLI_STORE'] ? Buffer.from('{}') : tryReadPrivate(profiles, SMALL_FILE);
  if (!Buffer.isBuffer(bytes)) return undefined;
  return wantedStore(env, JSON.parse(bytes.toString()).store) as StoreKind;
}

/** The full command line says what is wrong. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The profile of a plain call. */
function readCall({ argv, env }: QuickCall): string | undefined {
  const [command, ...words] = argv;
  if (command !== 'get-token') return undefined;
  let name: string | undefined;
  let silent = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === SILENT && !silent) silent = true;
    else if (name === undefined && PROFILE.includes(word)) name = words[++at] ?? '';
    else if (name === undefined && word.startsWith(`${PROFILE[0]}=`)) {
      name = word.slice(word.indexOf('=') + 1);
    } else return undefined;
  }
  name ??= env['TOKENCLI_PROFILE'];
  const plain = silent && name !== undefined && PROFILE_NAME.test(name);
  return plain && OVERRIDES.every((variable) => !env[variable]) ? name : undefined;
}

const SILENT = `--${SILENT_OPTION}`;
const PROFILE = [`--${PROFILE_OPTION}`, `-${PROFILE_ALIAS}`];

function openCache({ env, userHome }: QuickCall, profile: string): Cache | undefined {
  const paths = locatePaths(userHome, env['TOKENCLI_HOME']);
  const path = cachePath(paths.cacheFolder, profile);
  const head = tryReadPrivate(path, LARGEST_CACHE, CACHE_HEAD);
  if (!Buffer.isBuffer(head)) return undefined;
  const header = readHeader(head);
  return header && { profile, paths, path, head, header };
}

function readKey({ env }: QuickCall, { paths, header }: Cache): string | undefined {
  const storeKey = findStoreKey(env);
  if (!Buffer.isBuffer(storeKey)) return undefined;
  const bytes = tryReadPrivate(paths.sealedSecrets, LARGEST_FILE);
  return Buffer.isBuffer(bytes)
    ? openSealedByKey(bytes, storeKey)?.[accountOf('cacheKey', header.key)]
    : undefined;
}

function readToken(
  { env, userHome, now }: QuickCall,
  { profile, paths, path, head, header }: Cache,
  key: Buffer,
): string | undefined {
  if (key.length !== KEY_BYTES) return undefined;
  const open = (sealed: SealedRecord | undefined) =>
    sealed && openRecord(key, header, profile, sealed);
  const find = (name: string) => open(findRecord(head, name) ?? findRecord(readAll(path), name));
  // computing its name costs a hundredth of a start (measured), and it is the first one
  const plain = asPlainRecord(open(firstRecord(head))) ?? asPlainRecord(find(plainKey(key)));
  if (plain?.profile !== profile || plain.userHome !== userHome) return undefined;
  if (wantedStore(env, plain.configuredStore) !== header.store) return undefined;
  if (!isAsItWas(plain, paths)) return undefined;
  const token = asTokenRecord(find(plain.entry));
  if (!token || token.profileDigest !== plain.profileDigest) return undefined;
  // a person's token without the sign-in that it came from is not handed out
  if (token.account !== undefined && !asSessionRecord(find(sessionKey(key)))) return undefined;
  return lifeLeft(token, now) >= DEFAULT_MIN_TTL_SECONDS ? `${token.accessToken}\n` : undefined;
}

function readAll(path: string): Buffer {
  const bytes = tryReadPrivate(path, LARGEST_CACHE);
  return Buffer.isBuffer(bytes) ? bytes : Buffer.of();
}
