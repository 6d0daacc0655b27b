import type { Readable } from 'node:stream';
import { describeSkew } from '../../core/duration.ts';
import { CliError } from '../../core/errors.ts';
import type { App, Http, HttpRequest, HttpResponse } from '../../core/ports.ts';
import { createThrottle, type Throttle } from '../../tokens/throttle.ts';
import { type Connections, openConnections } from './connections.ts';
import { explainFailure } from './failure.ts';
import { sendWithRetries } from './retry.ts';
import { LARGEST_ANSWER, REQUEST_MILLISECONDS } from './transport.ts';

const TOLERATED_SKEW = 300;

/** The only way to the network: https, no redirects, limits, proxies, safe retries. */
export function createHttp(app: App, caFile: string | undefined): Http {
  const connections = openConnections(app.env, caFile);
  const close = () => connections.close();
  const warnOfSkew = once((skew: number) => app.log.warn(describeSkew(skew)));
  const throttle = rememberQuietly(app);
  app.atEnd(close);

  const sendOnce = async (request: HttpRequest): Promise<HttpResponse> => {
    const start = performance.now();
    const { pathname, host } = new URL(request.url);
    const what = `${request.method} ${host}${pathname}`;
    try {
      const response = await exchange(connections, request);
      const time = Math.round(performance.now() - start);
      app.log.debug(`http: ${what} -> ${response.status} in ${time} ms`);
      const clockSkew = skewOf(response.headers, app.clock.now());
      if (clockSkew !== undefined) warnOfSkew(clockSkew);
      const proxy = connections.proxyFor(new URL(request.url));
      return {
        ...response,
        ...(proxy && { proxy }),
        ...(clockSkew !== undefined && { clockSkew }),
      };
    } catch (failure) {
      app.log.debug(`http: ${what} failed: ${String(failure)}`);
      throw failure;
    }
  };

  return {
    close,
    send: async (request) => {
      const url = new URL(request.url);
      if (url.protocol !== 'https:') {
        throw new CliError(
          'network',
          `${url.protocol}//${url.host} is refused: only https is used`,
        );
      }
      const { signal } = request.deadline;
      try {
        signal.throwIfAborted();
        const response = await sendWithRetries(request, {
          sendOnce: () => sendOnce(request),
          now: () => app.clock.now(),
          throttle,
          say: app.log.say,
        });
        refuseRedirect(response, url);
        return response;
      } catch (failure) {
        if (signal.aborted) throw signal.reason;
        if (failure instanceof CliError) throw failure;
        const proxy = connections.proxyFor(url);
        throw explainFailure(failure, { host: url.host, ...(proxy && { proxy }) });
      }
    },
  };
}

async function exchange(connections: Connections, request: HttpRequest): Promise<HttpResponse> {
  const { signal } = request.deadline;
  const limit = new AbortController();
  const pass = () => limit.abort(signal.reason);
  if (signal.aborted) pass();
  signal.addEventListener('abort', pass, { once: true });
  const timer = setTimeout(() => limit.abort(tooSlow(request.url)), REQUEST_MILLISECONDS);
  try {
    const { status, headers, body } = await connections.send({
      url: new URL(request.url),
      method: request.method,
      headers: { accept: 'application/json', ...request.headers },
      body: request.body,
      signal: limit.signal,
    });
    return { status, headers: flatten(headers), body: await readBody(body) };
  } catch (failure) {
    if (limit.signal.aborted) throw limit.signal.reason;
    throw failure;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', pass);
  }
}

function readBody(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    body.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= LARGEST_ANSWER) parts.push(part);
      else body.destroy(new CliError('network', 'the answer is larger than 1 MiB'));
    });
    body.once('error', reject);
    body.once('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    body.once('close', () => reject(new Error('the connection was closed in the middle')));
  });
}

function tooSlow(url: string): CliError {
  const { host } = new URL(url);
  return new CliError('network', `no complete answer from ${host} within 30s`, {
    retryable: true,
  });
}

/** A redirect would carry a secret to whoever the answer names. */
function refuseRedirect({ status, headers }: HttpResponse, from: URL): void {
  if (status < 300 || status > 399) return;
  const target = URL.canParse(headers['location'] ?? '', from.href)
    ? new URL(headers['location'] ?? '', from.href).host
    : 'an unknown place';
  throw new CliError('network', `${from.host} answered with a redirect to ${target}: refused`, {
    hint: 'check the authority; a proxy or a captive portal may be in the way',
  });
}

function skewOf({ date }: HttpResponse['headers'], now: number): number | undefined {
  const skew = now - Date.parse(date ?? '') / 1000;
  return Math.abs(skew) > TOLERATED_SKEW ? skew : undefined;
}

/** What cannot be remembered costs the next process a request, and nobody else anything. */
function rememberQuietly(app: App): Throttle {
  const throttle = createThrottle(app.paths.throttleFolder, () => app.clock.now());
  return {
    secondsLeft: throttle.secondsLeft,
    remember: (url, seconds) => {
      try {
        throttle.remember(url, seconds);
      } catch (error) {
        app.log.debug(`http: the wait is not remembered: ${String(error)}`);
      }
    },
  };
}

function flatten(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]),
  );
}

function once<T>(work: (value: T) => void): (value: T) => void {
  let done = false;
  return (value) => {
    if (!done) work(value);
    done = true;
  };
}
