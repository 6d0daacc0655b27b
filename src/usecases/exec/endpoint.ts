import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { LocalAnswer, RequestHandler, RequestHead } from '../../core/programs.ts';
import { type Asked, type Protocol, Refused, readProtocol, type ServedToken } from './protocols.ts';

const KEY_BYTES = 32;

/** What a program has to show. */
export interface Keys {
  /** For the protocols that send a key in a header. */
  readonly headerKey: string;
  /**
   * The first folder of the path, for the protocols that send none. Both keys are hexadecimal,
   * because msal-node sends some URLs in lower case.
   */
  readonly pathKey: string;
}

/** Where our server is, and what a program shows to it. */
export interface Endpoint extends Keys {
  /** `http://127.0.0.1:PORT` */
  readonly base: string;
}

export function createKeys(): Keys {
  const key = () => randomBytes(KEY_BYTES).toString('hex');
  return { headerKey: key(), pathKey: key() };
}

/** The answers to strangers say nothing about the request or about us. */
const UNAUTHORIZED = refusal(401, 'unauthorized', 'a key is needed');
const FORBIDDEN = refusal(403, 'forbidden', 'this is for programs on this machine');

/**
 * Answers the requests of programs. No other status than 200, 400, 401 and 403 is ever sent: the
 * SDKs repeat a request after 404, 410, 429 and 5xx, for up to a minute.
 */
export function createRequestHandler(
  keys: Keys,
  serve: (asked: Asked) => Promise<ServedToken>,
): RequestHandler {
  return (head) => {
    if (isForeign(head)) return FORBIDDEN;
    const path = findAuthorizedPath(head, keys);
    if (path === undefined) return UNAUTHORIZED;
    const protocol = readProtocol(head.method, path);
    if (!protocol) return refusal(400, 'invalid_request', 'there is no such endpoint');
    return (body) => answer(protocol, head, body, serve);
  };
}

async function answer(
  protocol: Protocol,
  { target }: RequestHead,
  body: string,
  serve: (asked: Asked) => Promise<ServedToken>,
): Promise<LocalAnswer> {
  try {
    const asked = protocol.read(new URLSearchParams(splitTarget(target).query), body);
    return json(200, protocol.toDocument(await serve(asked), asked));
  } catch (error) {
    const refused = error instanceof Refused ? error : new Refused('unexpected', String(error));
    return json(...protocol.toRefusal(refused));
  }
}

/** A web page, also one that reaches us by DNS rebinding: its `Host` is then that of its site. */
function isForeign({ headers, port }: RequestHead): boolean {
  const hosts = headers['host'] ?? [];
  const isOurs = [`127.0.0.1:${port}`, `localhost:${port}`].includes(hosts[0]?.toLowerCase() ?? '');
  // Node's fetch sends Sec-Fetch-Mode, and only browsers send Sec-Fetch-Site
  return !isOurs || hosts.length > 1 || !!headers['origin'] || !!headers['sec-fetch-site'];
}

/**
 * The path without its key. A key in the path counts only together with `Metadata: true`, which no
 * link and no form sends; every key that is given must be right.
 * @returns undefined without a right key
 */
function findAuthorizedPath({ target, headers }: RequestHead, keys: Keys): string | undefined {
  const { path } = splitTarget(target);
  const [, first = '', rest = ''] = /^\/([0-9a-f]{64})(\/.*)$/.exec(path) ?? [];
  const inHeaders = [
    ...(headers['x-identity-header'] ?? []),
    ...(headers['secret'] ?? []),
    // a password is for others: Python's requests adds one from ~/.netrc
    ...(headers['authorization'] ?? []).flatMap((value) => /^Bearer (.*)/i.exec(value)?.[1] ?? []),
  ];
  const isRight = inHeaders.map((key) => isSame(key, keys.headerKey));
  if (first !== '' && !isSame(first, keys.pathKey)) return undefined;
  if (isRight.includes(false)) return undefined;
  const byPath = first !== '' && headers['metadata']?.join().toLowerCase() === 'true';
  return byPath || isRight.length > 0 ? rest || path : undefined;
}

function splitTarget(target: string) {
  const [path = ''] = target.split('?', 1);
  return { path, query: target.slice(path.length) };
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function refusal(status: number, error: string, text: string): LocalAnswer {
  return json(status, { error, error_description: text, message: text });
}

function json(status: number, document: object): LocalAnswer {
  return { status, body: JSON.stringify(document) };
}
