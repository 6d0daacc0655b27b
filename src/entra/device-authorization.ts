import { CliError } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import type { Authority, DeviceAuthorization } from '../core/oauth.ts';
import { CHECK_AUTHORITY_HINT, parseAnswer, readOAuthError } from './oauth-error.ts';
import { readSeconds } from './token-response.ts';

/**
 * A device authorization response (RFC 8628 section 3.2), including what is not shown to the
 * person.
 */
export interface DeviceGrant extends DeviceAuthorization {
  readonly deviceCode: string;
  /** Seconds between two polls. */
  readonly interval: number;
}

const DEFAULT_INTERVAL = 5;
/** Seconds, if the response lacks `expires_in`, although RFC 8628 requires it. */
const DEFAULT_LIFE = 15 * 60;
const CODE = /^[\x21-\x7e]{1,4096}$/;
const USER_CODE = /^[A-Za-z0-9](?:[A-Za-z0-9 -]{0,30}[A-Za-z0-9])?$/;
/**
 * The hosts to which Entra sends people: `microsoft.com/devicelogin`, `login.microsoft.com/device`,
 * …
 */
const ENTRA_HOSTS = /^(?:[a-z0-9-]+\.)*(?:microsoft\.com|microsoftonline\.(?:com|us|cn))$/;

/**
 * Validates the answer of the device authorization endpoint. Its `message` is ignored, because a
 * server must not decide what tokencli tells a person before a sign-in.
 * @param host of the endpoint, for error messages
 * @throws CliError auth_failed, network
 */
export function readDeviceAuthorization(
  response: HttpResponse,
  authority: Authority,
  host: string,
): DeviceGrant {
  const body = parseAnswer(response.body);
  if (response.status !== 200 || body === undefined || 'error' in body) {
    throw readOAuthError(response, host);
  }
  const { device_code, user_code, verification_uri, verification_url } = body;
  const uri = verification_uri ?? verification_url;
  if (typeof device_code !== 'string' || !CODE.test(device_code)) throw unusable('no device code');
  if (typeof user_code !== 'string' || !USER_CODE.test(user_code)) throw unusable('no user code');
  if (typeof uri !== 'string' || !isTrusted(uri, authority)) {
    throw unusable('a link that is not to be trusted');
  }
  return {
    deviceCode: device_code,
    userCode: user_code,
    verificationUri: uri,
    interval: readSeconds(body['interval']) ?? DEFAULT_INTERVAL,
    expiresIn: readSeconds(body['expires_in']) ?? DEFAULT_LIFE,
  };
}

function isTrusted(uri: string, { protocol, url }: Authority): boolean {
  const link = URL.canParse(uri) ? new URL(uri) : undefined;
  // the link is printed unchanged, so only visible ASCII characters are allowed
  if (link?.protocol !== 'https:' || link.username || !/^[\x21-\x7e]{1,512}$/.test(uri))
    return false;
  return protocol === 'oidc' || link.host === new URL(url).host || ENTRA_HOSTS.test(link.host);
}

function unusable(what: string): CliError {
  return new CliError('network', `the identity provider answered the device flow with ${what}`, {
    hint: CHECK_AUTHORITY_HINT,
  });
}
