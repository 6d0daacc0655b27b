import { CliError, systemCode } from '../../core/errors.ts';

/** What is known about the way to the server, for the message. */
export interface Route {
  readonly host: string;
  /** The proxy without its credentials, if the request goes through one. */
  readonly proxy?: string;
}

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
  EPROTO: 'the server does not speak TLS',
  CONNECT_TIMEOUT: 'no connection within 10s',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 10s',
  UND_ERR_HEADERS_TIMEOUT: 'no answer within 30s',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped half-way',
  UND_ERR_HEADERS_OVERFLOW: 'the answer has more than 32 KiB of headers',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'the answer is larger than 1 MiB',
  UND_ERR_SOCKET: 'the connection was closed in mid-answer',
  HPE_HEADER_OVERFLOW: 'the answer has more than 32 KiB of headers',
};

/** Codes that mean that the request has surely not reached the server. */
const UNSENT = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CONNECT_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
];
const LASTING = [
  ...TLS_TRUST,
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'EPROTO',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
  'HPE_HEADER_OVERFLOW',
];

export function wasSurelyNotSent(failure: unknown): boolean {
  return UNSENT.includes(causeCode(failure) ?? '');
}

/** True if the same request may succeed a moment later. */
export function isTransient(failure: unknown): boolean {
  if (failure instanceof CliError || (proxyStatus(failure) ?? 500) < 500) return false;
  return !LASTING.includes(causeCode(failure) ?? '');
}

/** The real cause on one line, with the way out if there is one. */
export function explainFailure(failure: unknown, route: Route): CliError {
  const code = causeCode(failure);
  const way = route.proxy ? `${route.host} through the proxy ${route.proxy}` : route.host;
  const tunnel = proxyStatus(failure);
  if (tunnel !== undefined) return refusedByProxy(tunnel, route, failure);
  const trust = TLS_TRUST.includes(code ?? '');
  const reason = trust
    ? "the server's certificate comes from an unknown authority"
    : (REASONS[code ?? ''] ?? code ?? messageOf(failure));
  return new CliError('network', `no answer from ${way}: ${reason}`, {
    ...(trust && {
      hint: 'name your own authority: caFile in the profile, or NODE_EXTRA_CA_CERTS',
    }),
    retryable: isTransient(failure),
    unsent: wasSurelyNotSent(failure),
    cause: failure,
  });
}

function refusedByProxy(status: number, { host, proxy }: Route, cause: unknown): CliError {
  const why = status === 407 ? 'asks for a user name and password' : `answered HTTP ${status}`;
  return new CliError('network', `no way to ${host}: the proxy ${proxy ?? ''} ${why}`, {
    hint: 'check HTTPS_PROXY (https://user:password@host:port) and NO_PROXY',
    cause,
  });
}

/** What the proxy answered to CONNECT, which undici says only in words. */
function proxyStatus(failure: unknown): number | undefined {
  const match = /Proxy response \((\d+)\)/.exec(messageOf(failure));
  return match ? Number(match[1]) : undefined;
}

/** The innermost code: undici and AggregateError wrap the one that matters. */
function causeCode(failure: unknown): string | undefined {
  for (let error = failure; error instanceof Error; ) {
    const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
    if (!(inner instanceof Error) || (systemCode(inner) === undefined && !inner.cause)) {
      return systemCode(error);
    }
    error = inner;
  }
  return systemCode(failure);
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
