import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ListenOptions, Redirect } from '../../core/interaction.ts';
import { readStream } from '../../core/read-stream.ts';

/** What identifies the expected redirect. */
export interface Expected extends Pick<ListenOptions, 'state' | 'responseMode'> {
  /** The accepted `Host` headers. */
  readonly hosts: readonly string[];
  readonly path: string;
}

const BODY_LIMIT = 64 * 1024;
const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/** @returns the parameters; undefined if the request is not the expected redirect */
export async function readRedirect(
  request: IncomingMessage,
  expected: Expected,
): Promise<Redirect['parameters'] | undefined> {
  const text =
    expected.responseMode === 'query'
      ? readTarget(request, expected)?.slice(1)
      : await readForm(request, expected);
  return text === undefined ? undefined : parseParameters(text, expected.state);
}

/**
 * Reads a GET request without a body.
 * @returns the query with its `?`, or ''; undefined if method, host or path is another one
 */
export function readTarget(request: IncomingMessage, expected: Expected): string | undefined {
  const { hosts, path } = expected;
  const { method, url = '' } = request;
  if (method !== 'GET' || !isForUs(request, hosts) || bodyLength(request) !== 0) return undefined;
  const [before] = url.split('?', 1);
  return before === path ? url.slice(path.length) : undefined;
}

async function readForm(request: IncomingMessage, expected: Expected): Promise<string | undefined> {
  const { method, url, headers } = request;
  if (method !== 'POST' || url !== expected.path || !isForUs(request, expected.hosts)) return;
  if (!FORM.test(headers['content-type'] ?? '')) return;
  if ((bodyLength(request) ?? Number.POSITIVE_INFINITY) > BODY_LIMIT) return;
  // undefined if the request took too long, or the connection was closed
  const bytes = await readStream(request, BODY_LIMIT).catch(() => undefined);
  return bytes?.toString();
}

/**
 * A page of another site may reach this server by DNS rebinding; its `Host` header then names that
 * site.
 */
function isForUs({ headersDistinct }: IncomingMessage, hosts: readonly string[]): boolean {
  const [host, ...more] = headersDistinct['host'] ?? [];
  return host !== undefined && more.length === 0 && hosts.includes(host.toLowerCase());
}

/** @returns undefined if there is no `Content-Length`; a browser always sends one with a form */
function bodyLength({ headers }: IncomingMessage): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined;
  return Number(headers['content-length'] ?? 0);
}

function parseParameters(text: string, state: string): Redirect['parameters'] | undefined {
  const all = new URLSearchParams(text);
  const once = new Set(all.keys());
  if (once.size !== all.size || !isSame(all.get('state') ?? '', state)) return undefined;
  return Object.fromEntries(all);
}

function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
