import { type Deadline, sleep } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import { readInput } from '../../core/files/input.ts';
import type { Http } from '../../core/http.ts';
import { isObject, parseJsonObject } from '../../core/json.ts';
import { sameName } from '../../core/names.ts';
import type { App } from '../../core/ports.ts';
import { decodeText } from '../../core/text.ts';
import { isEntraKeyHost, recogniseIssuer } from '../../tokens/issuers.ts';
import type { JsonObject } from '../../tokens/jwt.ts';
import { fittingKeys, issuerMatches, notVerified } from '../../tokens/verify-rules.ts';
import { LONGEST_INPUT } from './read-token.ts';

/** How long to wait for the caches of a key set to have a new key. */
const ROLL_OVER_MILLISECONDS = 1000;

export interface TrustedIssuer {
  /** The `iss` claim. */
  readonly issuer: string;
  /** Base URLs that may have its discovery document. */
  readonly authorities: readonly string[];
  /** True for an issuer of Entra: its keys must come from hosts of Entra. */
  readonly entra: boolean;
}

/**
 * Decides which issuer's keys may verify the token. Sends no request.
 * @param trusted the issuer URL of `--issuer`
 * @throws CliError auth_failed if the issuer is not known and none is trusted
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
    // people copy a hint into a shell, so an issuer with characters special to a shell is left out
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
 * Fetches the keys that may have signed a token. If none has the right id, the key sets are fetched
 * a second time after a pause, because a new key may already sign while caches still have the old
 * key set.
 * @throws CliError network (key set not reachable), auth_failed (the issuer has no such key)
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
  throw noKey('its issuer', header);
}

/**
 * The keys of a file that may have signed a token. No server is asked.
 * @param file a path, or `-` for stdin
 * @throws CliError invalid_data (no JWK Set, RFC 7517 section 5), auth_failed (it has no such key)
 */
export async function keysOfFile(
  app: App,
  file: string,
  trusted: TrustedIssuer,
  header: JsonObject,
): Promise<JsonObject[]> {
  checkIssuer(trusted);
  const text = decodeText(await readInput(app, file, LONGEST_INPUT));
  const { keys } = parseJsonObject(text ?? '') ?? {};
  if (!Array.isArray(keys)) {
    throw new CliError('invalid_data', `${file} is no set of keys: {"keys": [ … ]}`, {
      hint: 'save what the jwks_uri of the issuer answers',
    });
  }
  const fitting = fittingKeys(keys, header, trusted.issuer);
  if (fitting.length > 0) return fitting;
  throw noKey(file, header);
}

/** A file of keys does not say whose they are, so the issuer must be a trusted authority. */
function checkIssuer({ entra, issuer, authorities }: TrustedIssuer): void {
  const bare = (url: string) => url.replace(/\/+$/, '');
  if (entra || authorities.some((url) => issuerMatches(bare(url), bare(issuer)))) return;
  throw notVerified(`its issuer is ${issuer}, not ${authorities.join(' or ')}`);
}

function noKey(where: string, header: JsonObject): CliError {
  return notVerified(`${where} has no key ${String(header['kid'] ?? 'of this kind')}`);
}

async function discoverKeysUrl(
  http: Http,
  authority: string,
  trusted: TrustedIssuer,
  deadline: Deadline,
): Promise<string> {
  const url = `${authority.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  const document = await getJson(http, url, deadline);
  const { issuer, jwks_uri: keysUrl } = document;
  if (typeof issuer !== 'string') throw unusable(url, 'it names no issuer');
  if (!issuerMatches(issuer, trusted.issuer) && !isOfAdfs(document, trusted)) {
    throw notVerified(`its issuer is ${trusted.issuer}, but ${issuer} was asked`);
  }
  if (!isKeysUrl(keysUrl, trusted)) throw unusable(url, 'its jwks_uri is refused');
  return keysUrl;
}

/** AD FS issues its access tokens under another name than its ID tokens, and says which. */
function isOfAdfs(document: JsonObject, { entra, issuer }: TrustedIssuer): boolean {
  return !entra && document['access_token_issuer'] === issuer;
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
