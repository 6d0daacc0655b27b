import { CliError } from '../core/errors.ts';
import { parseJsonObject } from '../core/json.ts';
import type { Authority, DeviceAuthorization } from '../core/oauth.ts';
import type { HttpResponse } from '../core/ports.ts';
import { readRefusal } from './oauth-error.ts';

/** With what only the program needs to know (RFC 8628 section 3.2). */
export interface DeviceGrant extends DeviceAuthorization {
  readonly deviceCode: string;
  /** Seconds between two polls. */
  readonly interval: number;
}

const DEFAULT_INTERVAL = 5;
const LONGEST_LIFE = 15 * 60;
const CODE = /^[\x21-\x7e]{1,4096}$/;
const USER_CODE = /^[A-Za-z0-9](?:[A-Za-z0-9 -]{0,30}[A-Za-z0-9])?$/;
/** Where Entra sends people: `microsoft.com/devicelogin`, `login.microsoft.com/device`, … */
const ENTRA_HOSTS = /^(?:[a-z0-9-]+\.)*(?:microsoft\.com|microsoftonline\.(?:com|us|cn))$/;

/**
 * Checks the answer of the device authorization endpoint. Its `message` is not used: the words that
 * a person reads before a sign-in are ours.
 * @throws CliError auth_failed, network
 */
export function readDeviceAuthorization(
  response: HttpResponse,
  authority: Authority,
  host: string,
): DeviceGrant {
  const body = parseJsonObject(response.body);
  if (response.status !== 200 || body === undefined || 'error' in body) {
    throw readRefusal(response, host);
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
    interval: intervalOf(seconds(body['interval'])),
    expiresIn: Math.min(seconds(body['expires_in']) || LONGEST_LIFE, LONGEST_LIFE),
  };
}

function isTrusted(uri: string, { protocol, url }: Authority): boolean {
  const link = URL.canParse(uri) ? new URL(uri) : undefined;
  // the link is shown as it stands, so it may hold nothing but plain characters
  if (link?.protocol !== 'https:' || link.username || !/^[\x21-\x7e]{1,512}$/.test(uri))
    return false;
  return protocol === 'oidc' || link.host === new URL(url).host || ENTRA_HOSTS.test(link.host);
}

function intervalOf(asked: number): number {
  return asked >= 1 ? asked : DEFAULT_INTERVAL;
}

/** @returns NaN unless it is a positive number, also as text */
function seconds(value: unknown): number {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && number > 0 ? number : Number.NaN;
}

function unusable(what: string): CliError {
  return new CliError('network', `the identity provider answered the device flow with ${what}`, {
    hint: 'check the authority; a proxy or a captive portal may be in the way',
  });
}
