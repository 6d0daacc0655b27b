import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as signatures from '../../../src/adapters/jose.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { HttpRequest } from '../../../src/core/http.ts';
import type { App } from '../../../src/core/ports.ts';
import { decodeToken } from '../../../src/tokens/jwt.ts';
import { type VerifyOptions, verifyToken } from '../../../src/usecases/inspect/verify-token.ts';
import * as rfc from '../../fixtures/jose-examples.ts';
import { createCertificateWorkshop } from '../../support/certificates.ts';
import { compact, encode, NOW, TENANT } from '../../support/tokens.ts';

const ISSUER = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const CLAIMS = { iss: ISSUER, tid: TENANT, aud: 'api://orders', nbf: NOW - 60, exp: NOW + 3600 };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = (key: KeyObject, rest: object = { kid: 'k' }) => ({
  ...key.export({ format: 'jwk' }),
  ...rest,
});

function signRsa(claims: unknown, header: object = {}, key = rsa.privateKey): string {
  const input = `${encode({ alg: 'RS256', kid: 'k', ...header })}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

interface World {
  readonly app: App;
  readonly asked: string[];
}

/** @param keys what the issuer answers, one set per request, the last for ever */
function world(...keys: (readonly object[])[]): World {
  const asked: string[] = [];
  const sets = [...keys];
  const http = {
    send: async ({ url }: HttpRequest) => {
      asked.push(url);
      const base = url.replace(/\/\.well-known\/openid-configuration$/, '');
      const document = { issuer: base, jwks_uri: `${new URL(url).origin}/keys` };
      const body = base === url ? { keys: sets.length > 1 ? sets.shift() : sets[0] } : document;
      return { status: 200, headers: {}, body: JSON.stringify(body) };
    },
    close: async () => {},
  };
  const app = {
    clock: { now: () => NOW },
    interrupted: new AbortController().signal,
    http: async () => http,
    signatures: async () => signatures,
  } as unknown as App;
  return { app, asked };
}

function verify({ app }: World, token: string, options: Partial<VerifyOptions> = {}) {
  const decoded = decodeToken(token);
  if (decoded.kind !== 'signed') throw new Error('not a signed token');
  return verifyToken(app, decoded, { audiences: [], timeoutSeconds: 10, ...options });
}

const refusal = (message: string, code = 'auth_failed') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

describe('the signed examples of RFC 7515', () => {
  it.each([
    ['A.2', 'RS256', rfc.RS256, rfc.RS256_KEY],
    ['A.3', 'ES256', rfc.ES256, rfc.ES256_KEY],
    ['A.4', 'ES512', rfc.ES512, rfc.ES512_KEY],
  ])('%s (%s) verifies, and with no byte flipped', async (_name, algorithm, token, key) => {
    const { isSignedBy } = signatures;
    expect(await isSignedBy(token, key, algorithm)).toBe(true);
    expect(await isSignedBy(token, key, algorithm.replace(/\d+$/, '384'))).toBe(false);
    for (let index = 0; index < token.length; index += 1) {
      for (const flip of [1, 2, 4, 8, 16, 32]) {
        const flipped = String.fromCharCode(token.charCodeAt(index) ^ flip);
        const tampered = token.slice(0, index) + flipped + token.slice(index + 1);
        // What a strict reader refuses never reaches the signature.
        if (algorithm !== 'ES512' && !isReadable(tampered)) continue;
        if (algorithm === 'ES512' && !isCanonical(tampered)) continue;
        expect([index, flip, await isSignedBy(tampered, key, algorithm)]).toEqual([
          index,
          flip,
          false,
        ]);
      }
    }
  });

  it('a key of RFC 7517 A.1 is the key of another', async () => {
    const { isSignedBy } = signatures;
    for (const key of rfc.KEY_SET.keys) {
      expect(await isSignedBy(rfc.RS256, key, 'RS256')).toBe(false);
    }
  });
});

function isReadable(token: string): boolean {
  try {
    return decodeToken(token).kind === 'signed';
  } catch (error) {
    if (error instanceof CliError) return false;
    throw error;
  }
}

function isCanonical(token: string): boolean {
  const parts = token.split('.');
  return (
    parts.length === 3 &&
    parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
  );
}

it('a genuine token is verified; with any byte flipped it is refused or unreadable', async () => {
  const token = signRsa(CLAIMS);
  const keys = [jwk(rsa.publicKey)];
  expect(await verify(world(keys), token, { audiences: ['api://orders'] })).toEqual({
    algorithm: 'RS256',
    keyId: 'k',
    issuer: ISSUER,
    audienceChecked: true,
    clockToleranceSeconds: 60,
  });
  let tried = 0;
  for (let index = 0; index < token.length; index += 1) {
    const flipped = String.fromCharCode(token.charCodeAt(index) ^ (1 << (index % 6)));
    const tampered = token.slice(0, index) + flipped + token.slice(index + 1);
    if (!isReadable(tampered)) continue;
    tried += 1;
    await expect(verify(world(keys, keys), tampered)).rejects.toBeInstanceOf(CliError);
  }
  expect(tried).toBeGreaterThan(100);
});

it.each(['PS256', 'PS384', 'PS512', 'RS384', 'RS512', 'ES256'])('%s is understood', async (alg) => {
  const isEc = alg.startsWith('ES');
  const input = `${encode({ alg, kid: 'k' })}.${encode(CLAIMS)}`;
  const digest = `sha${alg.slice(2)}`;
  const signature = sign(digest, Buffer.from(input), {
    key: isEc ? ec.privateKey : rsa.privateKey,
    ...(isEc && { dsaEncoding: 'ieee-p1363' as const }),
    ...(alg.startsWith('PS') && { padding: 6, saltLength: Number(alg.slice(2)) / 8 }),
  });
  const keys = [jwk(rsa.publicKey), jwk(ec.publicKey)];
  const token = `${input}.${signature.toString('base64url')}`;
  expect(await verify(world(keys), token)).toMatchObject({ algorithm: alg });
});

describe('refused before anybody is asked', () => {
  const hmacWithPublicKey = compact({ alg: 'HS256', kid: 'k' }, CLAIMS);
  it.each([
    ['RFC 7519 6.1, unsecured', rfc.UNSECURED, 'it is unsigned (alg none)'],
    ['RFC 8725 2.1, none in another case', compact({ alg: 'nOnE' }, CLAIMS, ''), 'unsigned'],
    ['RFC 8725 2.1, the public key as HMAC secret', hmacWithPublicKey, 'shared secret (alg HS256)'],
    ['RFC 7515 A.1, symmetric', rfc.HS256, 'shared secret (alg HS256)'],
    ['an unknown algorithm', compact({ alg: 'toString' }, CLAIMS), 'its algorithm toString'],
    ['no algorithm', compact({}, CLAIMS), 'names no algorithm'],
    ['critical extensions', compact({ alg: 'RS256', crit: ['b64'], b64: false }, CLAIMS), 'crit'],
    ['a name twice', compact('{"alg":"RS256"}', '{"iss":"a","iss":"b"}'), 'names iss twice'],
    ['a foreign issuer', rfc.RS256, 'its issuer joe is not of Microsoft Entra'],
    ['no issuer', compact({ alg: 'RS256' }, {}), 'names no issuer'],
    ['another tenant', compact({ alg: 'RS256' }, { ...CLAIMS, tid: 'x' }), 'its tenant (tid)'],
    [
      'Graph by its name',
      compact({ alg: 'RS256' }, { ...CLAIMS, aud: 'https://graph.microsoft.com/' }),
      'a Microsoft Graph token can be verified by its API alone, by design',
    ],
    [
      'Graph by its id',
      compact({ alg: 'RS256' }, { ...CLAIMS, aud: '00000003-0000-0000-c000-000000000000' }),
      'does not mean that it is forged',
    ],
    ['a nonce in the header', compact({ alg: 'RS256', nonce: 'n' }, CLAIMS), 'by design'],
  ])('%s', async (_name, token, message) => {
    const there = world([jwk(rsa.publicKey)]);
    await expect(verify(there, token)).rejects.toEqual(refusal(message));
    expect(there.asked).toEqual([]);
  });

  it.each([
    `https://login.microsoftonline.com.evil.example/${TENANT}/v2.0`,
    `https://evil.example/${TENANT}/v2.0`,
    `http://login.microsoftonline.com/${TENANT}/v2.0`,
    `https://login.microsoftonline.com/${TENANT}/v2.0/../../evil/v2.0`,
    `https://login.microsoftonline.com@evil.example/${TENANT}/v2.0`,
    `https://sts.windows.net/${TENANT}`,
    `https://11111111-2222-3333-4444-555555555555.ciamlogin.com/${TENANT}/v2.0`,
    'https://login.microsoftonline.com/common/v2.0',
  ])('the issuer %s', async (iss) => {
    const there = world([jwk(rsa.publicKey)]);
    await expect(verify(there, signRsa({ ...CLAIMS, iss }))).rejects.toEqual(
      refusal('is not of Microsoft Entra; nobody was asked'),
    );
    expect(there.asked).toEqual([]);
  });
});

describe('keys as certificates alone', () => {
  const shop = createCertificateWorkshop();
  beforeAll(() => shop.selfSigned('signer'));
  afterAll(() => shop.remove());

  it.each([
    ['with its type', { kty: 'RSA', kid: 'k' }],
    ['without', { kid: 'k' }],
  ])('%s', async (_, rest) => {
    const privateKey = createPrivateKey(shop.text('signer.key'));
    const x5c = [new X509Certificate(shop.text('signer.crt')).raw.toString('base64')];
    const token = signRsa(CLAIMS, {}, privateKey);
    expect(await verify(world([{ ...rest, x5c }]), token)).toMatchObject({ keyId: 'k' });
    await expect(verify(world([{ ...rest, x5c }]), signRsa(CLAIMS))).rejects.toEqual(
      refusal('forged or damaged'),
    );
  });

  it('one that cannot be read is no key', async () => {
    const there = world([{ kty: 'RSA', kid: 'k', x5c: ['AAAA'] }]);
    await expect(verify(there, signRsa(CLAIMS))).rejects.toEqual(refusal('has no key k'));
  });
});

describe('the known issuers', () => {
  it.each([
    [ISSUER, [`${ISSUER}/`]],
    [`https://login.microsoftonline.us/${TENANT}/v2.0`, ['https://login.microsoftonline.us/']],
    [
      `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`,
      ['https://login.partner.microsoftonline.cn/'],
    ],
    [`https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`, [`https://${TENANT}.ciamlogin.com/`]],
    [`https://sts.windows.net/${TENANT}/`, ['https://login.microsoftonline.com/']],
    [`https://sts.chinacloudapi.cn/${TENANT}/`, ['https://login.partner.microsoftonline.cn/']],
  ])('%s', async (iss, bases) => {
    const there = world([jwk(rsa.publicKey)]);
    const issuer = iss.startsWith('https://sts.') ? iss : undefined;
    if (issuer) answerFor(there, issuer);
    expect(await verify(there, signRsa({ ...CLAIMS, iss }))).toMatchObject({ issuer: iss });
    const documents = there.asked.filter((url) => url.endsWith('openid-configuration'));
    expect(documents.map((url, index) => url.startsWith(bases[index] ?? 'none'))).toEqual(
      bases.map(() => true),
    );
  });

  it('v1.0 of the US government is under the public name, but has its keys elsewhere', async () => {
    const issuer = `https://sts.windows.net/${TENANT}/`;
    const there = world();
    answerFor(there, issuer, undefined, 'login.microsoftonline.com');
    expect(await verify(there, signRsa({ ...CLAIMS, iss: issuer }))).toMatchObject({ issuer });
    expect(there.asked).toEqual([
      `https://login.microsoftonline.com/${TENANT}/.well-known/openid-configuration`,
      `https://login.microsoftonline.us/${TENANT}/.well-known/openid-configuration`,
      'https://login.microsoftonline.us/keys',
    ]);
  });

  it('keys at a host that is not of Entra are refused', async () => {
    const there = world([jwk(rsa.publicKey)]);
    answerFor(there, ISSUER, 'https://evil.example/keys');
    await expect(verify(there, signRsa(CLAIMS))).rejects.toEqual(
      refusal('its jwks_uri is refused', 'network'),
    );
    expect(there.asked.some((url) => url.includes('evil'))).toBe(false);
  });
});

/** The discovery document names this issuer, wherever it was found. */
function answerFor({ app, asked }: World, issuer: string, keysUrl?: string, unknownAt?: string) {
  Object.assign(app, {
    http: async () => ({
      send: async ({ url }: HttpRequest) => {
        asked.push(url);
        if (new URL(url).host === unknownAt) return { status: 400, headers: {}, body: '{}' };
        const jwks_uri = keysUrl ?? `${new URL(url).origin}/keys`;
        const body = url.endsWith('/keys') ? { keys: [jwk(rsa.publicKey)] } : { issuer, jwks_uri };
        return { status: 200, headers: {}, body: JSON.stringify(body) };
      },
    }),
  });
}

describe('keys', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

  it.each([
    ['of an encryption', { kid: 'k', use: 'enc' }],
    ['of another algorithm', { kid: 'k', alg: 'PS256' }],
    ['of another issuer', { kid: 'k', issuer: 'https://login.microsoftonline.com/x/v2.0' }],
    ['that may not verify', { kid: 'k', key_ops: ['encrypt'] }],
    ['of another id', { kid: 'K' }],
  ])('%s do not count', async (_name, rest) => {
    await expect(verify(world([jwk(rsa.publicKey, rest)]), signRsa(CLAIMS))).rejects.toEqual(
      refusal('its issuer has no key k'),
    );
  });

  it('of this issuer with a place for the tenant do', async () => {
    const issuer = 'https://login.microsoftonline.com/{tenantid}/v2.0';
    const keys = [jwk(rsa.publicKey, { kid: 'k', issuer, use: 'sig', alg: 'RS256' })];
    expect(await verify(world(keys), signRsa(CLAIMS))).toMatchObject({ keyId: 'k' });
  });

  it.each([null, ''])('with %p for what they do not have do', async (absent) => {
    const names = ['use', 'alg', 'key_ops', 'issuer', 'crv', 'x', 'y', 'x5c'];
    const rest = Object.fromEntries(names.map((name) => [name, absent]));
    const keys = [jwk(rsa.publicKey, { kid: 'k', ...rest })];
    expect(await verify(world(keys), signRsa(CLAIMS))).toMatchObject({ keyId: 'k' });
  });

  it('without an id in the header all that fit are tried', async () => {
    const token = signRsa(CLAIMS, { kid: undefined });
    const keys = [jwk(ec.publicKey), jwk(other.publicKey), jwk(rsa.publicKey)];
    expect(await verify(world(keys), token)).toMatchObject({ algorithm: 'RS256' });
  });

  it('a new one that the first answer does not have yet is asked for once more', async () => {
    const there = world([jwk(other.publicKey, { kid: 'old' })], [jwk(rsa.publicKey)]);
    expect(await verify(there, signRsa(CLAIMS))).toMatchObject({ keyId: 'k' });
    expect(there.asked.filter((url) => url.endsWith('/keys'))).toHaveLength(2);
  });

  it('in the header of the token are ignored', async () => {
    const attacker = jwk(other.publicKey, { kid: 'k' });
    const header = {
      jwk: attacker,
      jku: 'https://evil.example/keys',
      x5u: 'https://evil.example/cert',
      x5c: ['AAAA'],
    };
    const there = world([jwk(rsa.publicKey)]);
    await expect(verify(there, signRsa(CLAIMS, header, other.privateKey))).rejects.toEqual(
      refusal('forged or damaged'),
    );
    expect(there.asked.some((url) => url.includes('evil'))).toBe(false);
  });

  it('of less than 2048 bits do not count', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const token = signRsa(CLAIMS, {}, weak.privateKey);
    await expect(verify(world([jwk(weak.publicKey)]), token)).rejects.toEqual(refusal('forged'));
  });
});

describe('claims of a genuine token', () => {
  it.each([
    ['expired for a minute', { exp: NOW - 60 }, 'has expired', 'token_expired'],
    ['not valid for more than a minute', { nbf: NOW + 61 }, 'not valid yet', 'token_expired'],
    ['without an expiry', { exp: undefined }, 'no expiry', 'auth_failed'],
    ['with a text as expiry', { exp: '9999999999' }, 'no expiry', 'auth_failed'],
    ['with a text as nbf', { nbf: 'soon' }, 'its nbf is not a date', 'auth_failed'],
    [
      'for another API',
      { aud: 'api://other' },
      'another audience than api://orders',
      'auth_failed',
    ],
    ['for nobody', { aud: undefined }, 'another audience than api://orders', 'auth_failed'],
  ])('%s', async (_name, claims, message, code) => {
    const token = signRsa({ ...CLAIMS, ...claims });
    await expect(
      verify(world([jwk(rsa.publicKey)]), token, { audiences: ['api://orders'] }),
    ).rejects.toEqual(refusal(message, code));
  });

  it('a minute of tolerance is given', async () => {
    const token = signRsa({ ...CLAIMS, exp: NOW - 59, nbf: NOW + 60 });
    expect(await verify(world([jwk(rsa.publicKey)]), token)).toMatchObject({ keyId: 'k' });
  });

  it('forged and expired is forged', async () => {
    const token = signRsa({ ...CLAIMS, exp: 1 }).replace(/.{4}$/, 'AAAA');
    await expect(verify(world([jwk(rsa.publicKey)]), token)).rejects.toEqual(refusal('forged'));
  });
});
