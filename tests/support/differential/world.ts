import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSealedStore } from '../../../src/adapters/sealed-store.ts';
import { locatePaths, type Paths } from '../../../src/core/paths.ts';
import { profileDigest } from '../../../src/profiles/digest.ts';
import { accountOf } from '../../../src/secrets/account.ts';
import { openSealedByKey, type Secrets } from '../../../src/secrets/sealed-by-key.ts';
import { openVault } from '../../../src/secrets/vault.ts';
import { openCache } from '../../../src/tokens/cache.ts';
import {
  type CacheHeader,
  cachePath,
  openRecord,
  readHeader,
  readRecords,
} from '../../../src/tokens/cache-file.ts';
import { createCertificateWorkshop } from '../certificates.ts';
import { type FakeIdp, startFakeIdp } from '../fake-idp.ts';
import { type Stage, setStage } from '../stage.ts';
import { createStoreApp } from '../store-app.ts';
import type { TestCa } from '../tls.ts';

export const STORE_KEY = Buffer.alloc(32, 7).toString('base64');
export const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
export const TOKEN_OF_ME = 'a.token.of-me\n';
const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const GRAPH = 'https://graph.microsoft.com/.default';
const DAY = 24 * 3600;
/** Letters of both cases, a word that is also a value, every kind of sign-in. */
export const PROFILES = ['app', 'Web.App_1-x', 'true', 'cert', 'me'] as const;
const FURTHER = [
  ['app', '--resource', 'https://vault.azure.net'],
  ['app', '--tenant', 'contoso.example'],
  ['true', '--resource', 'api://thing'],
];

/** Every way in which a file can hold a store key, or not. */
const KEY_FILES: readonly (readonly [name: string, content: string, mode: number])[] = [
  ['key', STORE_KEY, 0o600],
  ['key-for-all', STORE_KEY, 0o644],
  ['key-with-line', `\n${STORE_KEY}\r\n`, 0o600],
  ['other-key', OTHER_KEY, 0o600],
  ['no-key', 'x', 0o600],
];

/** What a cache file holds, opened. */
export interface OpenCacheFile {
  readonly profile: string;
  readonly header: CacheHeader;
  readonly records: readonly { readonly name: string; readonly content: object }[];
}

/** The home with which every case begins, before anything is changed about it. */
export interface Base {
  readonly profiles: readonly Readonly<Record<string, unknown>>[];
  readonly secrets: Secrets;
  readonly keyFile: string;
  readonly certificate: string;
  readonly cacheKey: Buffer;
  readonly caches: readonly OpenCacheFile[];
}

/** A home with profiles of every kind whose tokens are cached, and their identity provider. */
export interface World {
  readonly stage: Stage;
  readonly idp: FakeIdp;
  readonly paths: Paths;
  readonly base: Base;
  /** Where the files with keys are. */
  readonly keys: string;
  /** The environment of every call. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function createWorld(tls?: TestCa): Promise<World> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    LANG: 'C.UTF-8',
    TOKENCLI_STORE: 'file',
    TOKENCLI_STORE_KEY: STORE_KEY,
    // never the keyring of whoever runs the tests
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/no',
  };
  const stage = setStage(env, tls);
  const idp = await startFakeIdp({ tls: stage.tls });
  const paths = locatePaths(stage.home, undefined);
  const close = async () => {
    await idp.close();
    stage.remove();
  };
  try {
    await fill(stage, idp);
    const world = { stage, idp, paths, base: readBase(paths), keys: writeKeys(stage) };
    return { ...world, env: { ...env, HOME: stage.home }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** By the command itself, as far as it needs no browser. */
async function fill(stage: Stage, idp: FakeIdp): Promise<void> {
  const run = async (args: readonly string[], input?: string) => {
    const { code, err } = await stage.run(args, input === undefined ? {} : { input });
    if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`);
  };
  const usual = ['--tenant-id', TENANT, '--authority', idp.origin, '--ca-file', stage.caFile];
  const app = ['config', 'create', '--name', 'app', '--client-id', 'app-client', ...usual];
  await run([...app, '--scope', GRAPH, '--client-secret-stdin'], 'a secret for the tests');
  const file = JSON.parse(readFileSync(join(stage.home, '.tokencli', 'profiles.json'), 'utf8'));
  const [model] = file.profiles;
  const certificate = join(stage.home, 'certificate.pem');
  const workshop = createCertificateWorkshop();
  workshop.selfSigned('app');
  writeFileSync(certificate, workshop.text('app.key') + workshop.text('app.crt'));
  workshop.remove();
  const { credentials: _, ...bare } = model;
  const me = { ...bare, name: 'me', clientId: 'me-client', flow: 'DeviceCode' };
  const others = [
    { ...model, name: 'Web.App_1-x', clientId: 'web-client' },
    { ...model, name: 'true', clientId: 'true-client' },
    { ...bare, name: 'cert', clientId: 'cert-client', certificatePath: '~/certificate.pem' },
    { ...me, scopes: ['api://thing/read'] },
  ];
  stage.writeProfiles({ ...file, profiles: [model, ...others] });
  for (const [name = '', ...more] of FURTHER) await run(['get-token', '-p', name, ...more]);
  for (const name of PROFILES.slice(0, -1)) await run(['get-token', '-p', name, '--silent']);
  await signIn(stage.home, others.at(-1), idp.origin);
  await run(['get-token', '-p', 'me', '--silent']);
}

/** As a device code would have left it. */
async function signIn(home: string, profile: Record<string, string>, origin: string) {
  const { app } = createStoreApp({ home, env: { TOKENCLI_STORE_KEY: STORE_KEY } });
  const vault = openVault(createSealedStore(app));
  const now = Date.now() / 1000;
  const digest = profileDigest(profile);
  const cache = openCache({
    folder: app.paths.cacheFolder,
    profile: 'me',
    profileDigest: digest,
    keys: {
      kind: 'file',
      read: (id) => vault.read('cacheKey', id),
      save: (value) => vault.save('cacheKey', value),
    },
    lockForKey: async () => () => {},
    warn: () => {},
    now: () => now,
  });
  const clientId = profile['clientId'] ?? '';
  const account = { id: 'oid.tid', username: 'somebody@contoso.example' };
  const scopes = ['api://thing/read'];
  const flow = 'DeviceCode';
  await cache.save({
    token: {
      parts: {
        ...{ authority: `${origin}/${TENANT}`, tenantId: TENANT, clientId, flow, scopes },
        ...{ account: account.id, credential: 'public' },
      },
      record: {
        ...{ accessToken: TOKEN_OF_ME.trim(), expiresOn: now + DAY, tokenType: 'Bearer', scopes },
        ...{ obtainedOn: now, tenantId: TENANT, clientId, flow, profileDigest: digest },
        account: account.username,
      },
      plain: { profilesFile: 'none', userHome: home },
    },
    session: {
      ...{ record: 'session', root: origin, clientId, confidential: false, account },
      ...{ refreshToken: 'rt.a-refresh-token', signedInOn: now, renewedOn: now },
    },
  });
}

function readBase(paths: Paths): Base {
  const file = JSON.parse(readFileSync(paths.profiles, 'utf8'));
  const secrets = openSealedByKey(
    readFileSync(paths.sealedSecrets),
    Buffer.from(STORE_KEY, 'base64'),
  );
  const keyFile = readFileSync(join(paths.cacheFolder, 'key.json'), 'utf8');
  const id = JSON.parse(keyFile).file;
  const cacheKey = Buffer.from(secrets?.[accountOf('cacheKey', id)] ?? '', 'base64');
  const caches = PROFILES.map((profile) => {
    const bytes = readFileSync(cachePath(paths.cacheFolder, profile));
    const header = readHeader(bytes);
    const records = readRecords(bytes);
    if (!header || !records) throw new Error(`no cache of ${profile}`);
    return {
      ...{ profile, header },
      records: records.map((sealed) => ({
        name: sealed.name,
        content: openRecord(cacheKey, header, profile, sealed) as object,
      })),
    };
  });
  const certificate = readFileSync(join(paths.home, '..', 'certificate.pem'), 'utf8');
  return {
    profiles: file.profiles,
    secrets: secrets ?? {},
    keyFile,
    cacheKey,
    caches,
    certificate,
  };
}

function writeKeys(stage: Stage): string {
  const folder = join(stage.folder, 'keys');
  mkdirSync(folder);
  for (const [name, content, mode] of KEY_FILES) {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), mode);
  }
  return folder;
}
