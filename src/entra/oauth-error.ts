import { CliError, type ErrorCode } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import { parseJsonObject, withoutAbsent } from '../core/json.ts';
import { readClaimsRequest } from './claims-request.ts';

/** Errors after which a person must sign in (OpenID Connect Core 1.0 section 3.1.2.6). */
const INTERACTION_ERRORS = ['interaction_required', 'login_required', 'consent_required'];
/** Values of Entra's `suberror` that mean the same. */
const INTERACTION_SUBERRORS = [
  'basic_action',
  'additional_action',
  'consent_required',
  'user_password_expired',
];
const SERVER_ERRORS = ['temporarily_unavailable', 'server_error'];
/** What to do about an answer that no identity provider would give. */
export const CHECK_AUTHORITY_HINT =
  'check the authority; a proxy or a captive portal may be in the way';

/** The members of an answer: of an error, those of RFC 6749 section 5.2 and Entra's own. */
type AnswerBody = Readonly<Record<string, unknown>>;

/** The JSON object that a server answered with. */
export function parseAnswer(text: string): AnswerBody | undefined {
  const body = parseJsonObject(text);
  return body && withoutAbsent(body);
}

/**
 * The failure that an error response of an endpoint means. `flows/with-advice.ts` adds the advice for
 * an AADSTS number, because only a flow knows the profile.
 * @param host of the endpoint, for the message
 */
export function readOAuthError(response: HttpResponse, host: string): CliError {
  const body = parseAnswer(response.body);
  const error = text(body?.['error']);
  if (!body || error === undefined) return unusableAnswer(response, host);
  return oauthErrorOf(error, body, response);
}

/** @param body of the response, or the parameters of a redirect (RFC 6749 section 4.1.2.1) */
export function oauthErrorOf(
  error: string,
  body: AnswerBody,
  { status, clockSkew }: Partial<Pick<HttpResponse, 'status' | 'clockSkew'>> = {},
): CliError {
  const description = text(body['error_description']);
  const suberror = text(body['suberror']);
  const code = codeOf(status ?? 400, error, suberror);
  const message = nameError('the identity provider refused', error, description);
  return new CliError(code, message, {
    status,
    aadsts: numberOf(body, description),
    correlationId: text(body['correlation_id']),
    traceId: text(body['trace_id']),
    timestamp: text(body['timestamp']),
    clockSkew,
    claims: readClaimsRequest(text(body['claims']) ?? ''),
    oauthError: error,
    suberror,
    retryable: code === 'network',
  });
}

/** @returns `what: error: first line of the description` */
export function nameError(what: string, error: string, description = ''): string {
  return [what, error, quoteServer(description)].filter(Boolean).join(': ');
}

function codeOf(status: number, error: string, suberror = ''): ErrorCode {
  if (INTERACTION_ERRORS.includes(error)) return 'interaction_required';
  if (status === 429 || status >= 500 || SERVER_ERRORS.includes(error)) return 'network';
  return INTERACTION_SUBERRORS.includes(suberror) ? 'interaction_required' : 'auth_failed';
}

/**
 * The failure for a response that is not OAuth. Only 400 and 401 certainly come from the identity
 * provider.
 */
function unusableAnswer({ status, headers, body }: HttpResponse, host: string): CliError {
  const kind = text(headers['content-type']?.split(';')[0]) ?? 'no content type';
  const what = body.trim() === '' ? 'an empty answer' : `no OAuth answer (${kind})`;
  const code = status === 400 || status === 401 ? 'auth_failed' : 'network';
  return new CliError(code, `${host} answered HTTP ${status} with ${what}`, {
    hint: CHECK_AUTHORITY_HINT,
    status,
    retryable: status === 429 || status >= 500,
  });
}

function numberOf(body: AnswerBody, description: string | undefined): number | undefined {
  const listed = Number([body['error_codes']].flat()[0]);
  return Number.isSafeInteger(listed) && listed > 0 ? listed : findAadsts(description);
}

/** @returns the AADSTS number in the text of an error; undefined if there is none */
export function findAadsts(text: string | undefined): number | undefined {
  const number = Number(/AADSTS(\d{4,8})/.exec(text ?? '')?.[1]);
  return number > 0 ? number : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * The first line of a server's text. It is not cut here: only `output/` knows the secrets, and the
 * first half of one would not be recognised there.
 */
export function quoteServer(text: string): string {
  return text.split(/\r?\n/)[0] ?? '';
}
