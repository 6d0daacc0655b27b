import { CliError, type ErrorCode } from '../core/errors.ts';
import { parseJsonObject } from '../core/json.ts';
import type { HttpResponse } from '../core/ports.ts';

/** OAuth errors (RFC 6749 section 5.2, OpenID Connect Core section 3.1.2.6) that a person can cure. */
const PERSON_HELPS = ['interaction_required', 'login_required', 'consent_required'];
/** Entra's word for what an `invalid_grant` is about (Microsoft, "Handle errors in MSAL"). */
const SUBERRORS: Readonly<Record<string, ErrorCode>> = {
  basic_action: 'interaction_required',
  additional_action: 'interaction_required',
  consent_required: 'interaction_required',
  user_password_expired: 'interaction_required',
  bad_token: 'token_expired',
  token_expired: 'token_expired',
};
const SERVER_TROUBLE = ['temporarily_unavailable', 'server_error'];
const LONGEST_WORD = 100;

export interface RefusalBody {
  readonly error?: unknown;
  readonly error_description?: unknown;
  readonly error_codes?: unknown;
  readonly correlation_id?: unknown;
  readonly trace_id?: unknown;
  readonly timestamp?: unknown;
  readonly claims?: unknown;
  readonly suberror?: unknown;
}

/**
 * Reads a refusal of the token or discovery endpoint. The advice for a number is the flow's to give:
 * only it knows the profile.
 * @param host for the message
 */
export function readRefusal(response: HttpResponse, host: string): CliError {
  const body: RefusalBody | undefined = parseJsonObject(response.body);
  const error = word(body?.error);
  if (!body || error === undefined) return unusableRefusal(response, host);
  return refusalOf(error, body, response);
}

/** The refusal that came as the parameters of a redirect (RFC 6749 section 4.1.2.1). */
export function readRedirectRefusal(parameters: RefusalBody): CliError {
  return refusalOf(word(parameters.error) ?? 'unknown error', parameters, {});
}

function refusalOf(
  error: string,
  body: RefusalBody,
  { status, clockSkew }: Partial<Pick<HttpResponse, 'status' | 'clockSkew'>>,
): CliError {
  const description = text(body.error_description);
  const aadsts = numberOf(body, description);
  const code = codeOf(status ?? 400, error, text(body.suberror));
  const claims = text(body.claims);
  const correlationId = word(body.correlation_id);
  const traceId = word(body.trace_id);
  const timestamp = word(body.timestamp);
  return new CliError(code, messageOf(error, description), {
    ...(status !== undefined && { status }),
    ...(aadsts !== undefined && { aadsts }),
    ...(correlationId && { correlationId }),
    ...(traceId && { traceId }),
    ...(timestamp && { timestamp }),
    ...(clockSkew !== undefined && { clockSkew }),
    ...(claims && { claims }),
    oauthError: error,
    retryable: code === 'network',
  });
}

function messageOf(error: string, description: string | undefined): string {
  const first = quoteServer(description ?? '');
  return `the identity provider refused: ${error}${first ? `: ${first}` : ''}`;
}

function codeOf(status: number, error: string, suberror = ''): ErrorCode {
  if (PERSON_HELPS.includes(error)) return 'interaction_required';
  if (status === 429 || status >= 500 || SERVER_TROUBLE.includes(error)) return 'network';
  return (Object.hasOwn(SUBERRORS, suberror) && SUBERRORS[suberror]) || 'auth_failed';
}

/** Not an OAuth answer: a refusal if the status says so, else trouble on the way. */
function unusableRefusal({ status, headers, body }: HttpResponse, host: string): CliError {
  const kind = word(headers['content-type']?.split(';')[0]) ?? 'no content type';
  const what = body.trim() === '' ? 'an empty answer' : `no OAuth answer (${kind})`;
  const code = status === 400 || status === 401 ? 'auth_failed' : 'network';
  return new CliError(code, `${host} answered HTTP ${status} with ${what}`, {
    hint: 'check the authority; a proxy or a captive portal may be in the way',
    status,
    retryable: status === 429 || status >= 500,
  });
}

function numberOf(body: RefusalBody, description: string | undefined): number | undefined {
  const listed = Array.isArray(body.error_codes) ? body.error_codes[0] : undefined;
  const written = /AADSTS(\d{4,8})/.exec(description ?? '')?.[1];
  const number = Number(listed ?? written);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** What is a word or a number at any honest server is not made a page by another. */
function word(value: unknown): string | undefined {
  return text(value)?.slice(0, LONGEST_WORD);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Characters of what a server said that go into a message. */
const LONGEST = 300;

/** The first line of what a server said, cut to what a message can hold. */
export function quoteServer(text: string): string {
  return (text.split(/\r?\n/)[0] ?? '').slice(0, LONGEST);
}
