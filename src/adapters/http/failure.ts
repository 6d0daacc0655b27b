import { CliError, systemCode } from '../../core/errors.ts';

interface NamedProxy {
  readonly name: string;
  readonly variable: string;
}

/** The proxy answered CONNECT with an error status. */
export class ProxyStatusError extends Error {
  readonly status: number;
  /** The value of Proxy-Authenticate: the authentication schemes that the proxy offers. */
  readonly schemes: string;
  readonly sentPassword: boolean;

  constructor(status: number, schemes: string, sentPassword: boolean) {
    super(`the proxy answered HTTP ${status}`);
    this.status = status;
    this.schemes = schemes;
    this.sentPassword = sentPassword;
  }
}

/** There is no connection to the proxy itself, or it answers CONNECT with something else than HTTP. */
export class ProxyFailure extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
  }
}

/** A certificate whose authority is not trusted, and that authority's name. */
export class UnknownAuthority extends Error {
  readonly issuer: string;

  constructor(issuer: string, cause: unknown) {
    super(`unknown authority: ${issuer}`, { cause });
    this.issuer = issuer;
  }
}

const SCHEMES = /\b(?:basic|digest|kerberos|negotiate|ntlm)\b/gi;

const TLS_TRUST = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
];

const REASONS: Record<string, string> = {
  ENOTFOUND: 'DNS does not know the host name',
  EAI_AGAIN: 'DNS does not answer',
  ECONNREFUSED: 'the connection was refused (TCP)',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out (TCP)',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet",
  CONNECT_TIMEOUT: 'no connection within 10s',
  HPE_HEADER_OVERFLOW: 'the answer has more than 32 KiB of headers',
  HPE_INVALID_EOF_STATE: 'the connection was closed in the middle',
};
const NO_TLS = 'the server does not speak TLS';
const NO_HTTP = 'the server does not answer in HTTP';
const PROXY_HINTS: Record<string, string> = {
  [NO_TLS]: 'begin HTTPS_PROXY with http:// instead of https://',
  [NO_HTTP]: 'name an HTTP proxy in HTTPS_PROXY; if it speaks TLS, with https://',
};

/** Codes after which it is certain that the request has not reached the server. */
const UNSENT = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CONNECT_TIMEOUT',
];
const LASTING = [
  ...TLS_TRUST,
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'HPE_HEADER_OVERFLOW',
];

export function isUntrusted(failure: unknown): boolean {
  return TLS_TRUST.includes(causeCode(failure) ?? '');
}

export function wasSurelyNotSent(failure: unknown): boolean {
  return UNSENT.includes(causeCode(failure) ?? '');
}

/** True if the same request may succeed a moment later. */
export function isTransient(failure: unknown): boolean {
  if (failure instanceof CliError) return false;
  if (failure instanceof ProxyStatusError) return failure.status >= 500;
  const code = causeCode(failure) ?? '';
  return !LASTING.includes(code) && !isHandshakeCode(code);
}

/**
 * @param proxy if the request goes through one: without its credentials, and the variable that names it
 * @returns a one-line message, with a hint if there is a remedy
 */
export function explainFailure(failure: unknown, host: string, proxy?: NamedProxy): CliError {
  if (failure instanceof ProxyStatusError) return toProxyError(failure, host, proxy);
  const way = proxy ? `${host} through the proxy ${proxy.name}` : host;
  const atProxy = failure instanceof ProxyFailure;
  const reason = reasonOf(atProxy ? failure.cause : failure);
  const told = atProxy ? reason.replace('the server', 'the proxy') : reason;
  const special = atProxy ? PROXY_HINTS[reason] : undefined;
  const proxyHint = proxy && (special ?? 'check HTTPS_PROXY and NO_PROXY');
  const hint = isUntrusted(failure)
    ? 'name your own authority: caFile in the profile, or NODE_EXTRA_CA_CERTS'
    : proxyHint?.replace('HTTPS_PROXY', proxy?.variable ?? '');
  return new CliError('network', `no answer from ${way}: ${told}`, {
    ...(hint !== undefined && { hint }),
    retryable: isTransient(failure),
    unsent: wasSurelyNotSent(failure),
    cause: failure,
  });
}

function reasonOf(failure: unknown): string {
  const code = causeCode(failure) ?? '';
  if (isUntrusted(failure)) {
    const issuer = failure instanceof UnknownAuthority ? ` (${failure.issuer})` : '';
    return `the server's certificate comes from an unknown authority${issuer}`;
  }
  if (isHandshakeCode(code)) return handshakeReason(messageOf(failure));
  return REASONS[code] ?? (code.startsWith('HPE_') ? NO_HTTP : code || messageOf(failure));
}

/** Node and Bun name the reasons of OpenSSL and BoringSSL in different codes. */
function isHandshakeCode(code: string): boolean {
  return code === 'EPROTO' || code.startsWith('ERR_SSL_');
}

/** @param message such as `error:0A00010B:SSL routines:FUNCTION:REASON:FILE:...` */
function handshakeReason(message: string): string {
  const [, words = ''] = /SSL routines:[^:]*:([^:]+)/.exec(message) ?? [];
  const reason = words.replaceAll('_', ' ').trim().toLowerCase();
  if (/protocol version|unsupported protocol/.test(reason)) {
    return 'the server offers only TLS 1.1 or older, which is no longer safe';
  }
  if (/wrong version number|packet length|http request|^$/.test(reason)) {
    return NO_TLS;
  }
  return `the server and we do not agree on TLS: ${reason}`;
}

function toProxyError(failure: ProxyStatusError, host: string, proxy?: NamedProxy): CliError {
  const { status, schemes, sentPassword } = failure;
  const names = schemes.replace(/"[^"]*"/g, '').match(SCHEMES) ?? [];
  const foreign = names.length > 0 && !names.some((name) => /basic/i.test(name));
  const asks = foreign
    ? `asks for a sign-in by ${names.join(' or ')}, which is not known here`
    : `${sentPassword ? 'does not accept the' : 'asks for a'} user name and password`;
  // a whole URL with a password would be taken for a secret and hidden
  const { name = '', variable = 'HTTPS_PROXY' } = proxy ?? {};
  const hint = foreign
    ? `name a proxy that signs in for you, such as cntlm or px, in ${variable}`
    : `check NO_PROXY and ${variable}, which takes USER:PASSWORD@HOST:PORT after http://`;
  const why = status === 407 ? asks : `answered HTTP ${status}`;
  return new CliError('network', `no way to ${host}: the proxy ${name} ${why}`, {
    hint: status === 407 ? hint : `check ${variable} and NO_PROXY`,
    cause: failure,
  });
}

/** The code of the error, or of the nearest cause that has one. */
function causeCode(failure: unknown): string | undefined {
  const code = systemCode(failure);
  if (code !== undefined || !(failure instanceof Error)) return code;
  return causeCode(failure.cause);
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
