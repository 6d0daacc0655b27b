import { attempt } from '../core/attempt.ts';
import { CliError } from '../core/errors.ts';
import { oauthErrorOf } from '../entra/oauth-error.ts';
import { issuerMatches } from '../tokens/verify-rules.ts';

type Parameters = Readonly<Record<string, string>>;

const CODE = /^[\x21-\x7e]{1,8192}$/;
/** Shorter text is taken for a code that was not copied completely. */
const SHORTEST_PASTED_CODE = 16;
/** Found in a part of an address that is more than the code. */
const PART = /[&?:]|=[^=]/;

/**
 * The authorization code of a redirect.
 * @param issuer the required value of `iss`, if the redirect has one (RFC 9207 section 2.4), with
 *   `{tenantid}` where it is that of many tenants
 * @throws CliError the identity provider's error, or auth_failed
 */
export function readCode(parameters: Parameters, issuer: string | undefined): string {
  const { iss, error, code } = parameters;
  if (iss !== undefined && issuer !== undefined && !issuerMatches(issuer, iss)) {
    throw new CliError(
      'auth_failed',
      'the answer of the sign-in comes from another issuer: refused',
    );
  }
  if (error) throw oauthErrorOf(error, parameters);
  if (code !== undefined && CODE.test(code)) return code;
  throw new CliError('auth_failed', 'the answer of the sign-in holds no authorization code');
}

/**
 * Reads what a person pasted: the whole address that the browser ended at, or the bare code.
 * @returns why it cannot be used, or its parameters
 */
export function readPasted(text: string, state: string): Parameters | string {
  if (!text.includes(':')) return readBareCode(unquote(text)) ?? 'the whole address is needed';
  const parameters = readAddress(text, state, 'this address belongs to another sign-in');
  if (typeof parameters === 'string' || 'code' in parameters || 'error' in parameters) {
    return parameters;
  }
  return 'this address holds no authorization code';
}

/** In the address, from which it was copied, its special characters are percent-encoded. */
function readBareCode(pasted: string): Parameters | undefined {
  const code = attempt(() => decodeURIComponent(pasted)) ?? pasted;
  const isCode = CODE.test(code) && code.length >= SHORTEST_PASTED_CODE && !PART.test(code);
  return isCode ? { code } : undefined;
}

/** Without what a chat or a shell puts around an address. */
function unquote(text: string): string {
  return text.trim().replace(/^["'<]|["'>]$/g, '');
}

/**
 * Reads the address that the browser ended at, as a person pasted it.
 * @param state that was sent in the link; the address must have the same
 * @param mismatch the message if it has not
 * @returns why the text cannot be used, or its parameters
 */
export function readAddress(text: string, state: string, mismatch: string): Parameters | string {
  const address = unquote(text);
  if (!URL.canParse(address)) return 'the whole address is needed';
  const { search, hash } = new URL(address);
  const query = new URLSearchParams(search || hash.slice(1));
  const isOnce = new Set(query.keys()).size === query.size;
  return isOnce && query.get('state') === state ? Object.fromEntries(query) : mismatch;
}
