import { type Deadline, sleep } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import { sameName } from '../../core/names.ts';
import type { App, Http } from '../../core/ports.ts';
import { isEntraKeyHost, recogniseIssuer } from '../../tokens/issuers.ts';
import { isObject, type JsonObject } from '../../tokens/jwt.ts';
import { fittingKeys, issuerMatches, notVerified } from '../../tokens/verify-rules.ts';

/** An issuer rolls its keys over before every cache has the new one. */
const ROLL_OVER_MILLISECONDS = 1000;

export interface TrustedIssuer {
  /** The `iss` claim. */
  readonly issuer: string;
  /** Base URLs below which the discovery document may be. */
  readonly authorities: readonly string[];
  /** One of Entra's, whose keys come from Entra's hosts only. */
  readonly entra: boolean;
}

/**
 * Decides whom to ask, before anything is sent.
 * @param trusted the issuer URL that the user vouches for
 * @throws CliError auth_failed: nobody known; nothing was contacted
 */
export function trustIssuer(claims: JsonObject, trusted: string | undefined): TrustedIssuer {
  const issuer = claims['iss'];
  if (typeof issuer !== 'string') throw notVerified('it names no issuer (iss)');
  if (trusted !== undefined) {
    if (!URL.canParse(trusted) || new URL(trusted).protocol !== 'https:') {
      throw new CliError('usage', '--issuer takes an https URL');
    }
    return { issuer, authorities: [trusted], entra: false };
  }
  const known = recogniseIssuer(issuer);
  if (!known) {
    // A hint is there to be typed: nothing in it may mean something to a shell.
    const typeable = /^https:\/\/[\w.:/-]+$/.test(issuer);
    const hint = `if you trust it: tokencli inspect --verify --issuer ${typeable ? issuer : 'URL'}`;
    throw notVerified(`its issuer ${issuer} is not of Microsoft Entra; nobody was asked`, hint);
  }
  const tenant = claims['tid'];
  if (tenant !== undefined && !sameName(String(tenant), known.tenantId)) {
    throw notVerified('its tenant (tid) is not the one of its issuer (iss)');
  }
  return { issuer, authorities: known.authorities, entra: true };
}

/**
 * The keys that may have signed a token, fetched anew. An unknown key id is looked for a second
 * time, because a new key can sign before every copy of the key set has it.
 * @throws CliError network (keys out of reach), auth_failed (the issuer has no such key)
 */
export async function fetchKeys(
  app: App,
  trusted: TrustedIssuer,
  header: JsonObject,
  deadline: Deadline,
): Promise<JsonObject[]> {
  const http = await app.http();
  const keysUrls: string[] = [];
  let failure: unknown;
  const fetchFitting = async (keysUrl: string) => {
    const { keys } = await getJson(http, keysUrl, deadline);
    if (!Array.isArray(keys)) throw unusable(keysUrl, 'it holds no list of keys');
    return fittingKeys(keys, header, trusted.issuer);
  };
  for (const authority of trusted.authorities) {
    try {
      const keysUrl = await discoverKeysUrl(http, authority, trusted, deadline);
      keysUrls.push(keysUrl);
      const keys = await fetchFitting(keysUrl);
      if (keys.length > 0) return keys;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  await sleep(ROLL_OVER_MILLISECONDS, deadline);
  for (const keysUrl of keysUrls) {
    const keys = await fetchFitting(keysUrl);
    if (keys.length > 0) return keys;
  }
  throw notVerified(`its issuer has no key ${String(header['kid'] ?? 'of this kind')}`);
}

async function discoverKeysUrl(
  http: Http,
  authority: string,
  trusted: TrustedIssuer,
  deadline: Deadline,
): Promise<string> {
  const url = `${authority.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  const { issuer, jwks_uri: keysUrl } = await getJson(http, url, deadline);
  if (typeof issuer !== 'string') throw unusable(url, 'it names no issuer');
  if (!issuerMatches(issuer, trusted.issuer)) {
    throw notVerified(`its issuer is ${trusted.issuer}, but ${issuer} was asked`);
  }
  if (!isKeysUrl(keysUrl, trusted)) throw unusable(url, 'its jwks_uri is refused');
  return keysUrl;
}

function isKeysUrl(url: unknown, { entra }: TrustedIssuer): url is string {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  return entra ? isEntraKeyHost(url) : new URL(url).protocol === 'https:';
}

async function getJson(http: Http, url: string, deadline: Deadline): Promise<JsonObject> {
  const headers = { 'cache-control': 'no-cache' };
  const response = await http.send({ method: 'GET', url, headers, deadline, repeat: 'safe' });
  if (response.status !== 200) throw unusable(url, `the answer was ${response.status}`);
  let value: unknown;
  try {
    value = JSON.parse(response.body);
  } catch (cause) {
    throw unusable(url, 'the answer is not JSON', cause);
  }
  if (!isObject(value)) throw unusable(url, 'the answer is not a JSON object');
  return value;
}

function unusable(url: string, why: string, cause?: unknown): CliError {
  return new CliError('network', `cannot use ${url}: ${why}`, { cause, retryable: true });
}
