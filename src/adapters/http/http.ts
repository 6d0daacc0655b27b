import type { SecureContext } from 'node:tls';
import { withinTime } from '../../core/deadline.ts';
import { describeSkew } from '../../core/duration.ts';
import { CliError } from '../../core/errors.ts';
import type { Http, HttpRequest, HttpResponse } from '../../core/http.ts';
import type { App } from '../../core/ports.ts';
import { refuseUncheckedTls } from '../../core/tls-guard.ts';
import { CHECK_AUTHORITY_HINT } from '../../entra/oauth-error.ts';
import { createThrottle, type Throttle } from '../../tokens/throttle.ts';
import { explainFailure } from './failure.ts';
import { chooseProxy } from './proxy.ts';
import { sendWithRetries } from './retry.ts';
import { createAgent, sendRequest } from './transport.ts';
import { loadTrust } from './trust.ts';

const REQUEST_MILLISECONDS = 30_000;
const TOLERATED_SKEW_SECONDS = 300;

/**
 * Every request is sent here: https only, no redirects, time limits, proxies, safe retries.
 * @param remembers whether a `Retry-After` may be kept for later calls
 */
export function createHttp(
  app: App,
  caFile: string | undefined,
  remembers: () => boolean = () => true,
): Http {
  refuseUncheckedTls(app.env);
  const proxyFor = chooseProxy(app.env);
  let trust: SecureContext | undefined;
  const reusing = createAgent(true);
  app.atEnd(() => reusing.destroy());
  let warnedOfSkew = false;
  const throttle = rememberQuietly(app, remembers);

  const sendOnce = async (request: HttpRequest, url: URL): Promise<HttpResponse> => {
    const start = performance.now();
    const what = `${request.method} ${url.host}${url.pathname}`;
    try {
      trust ??= loadTrust(app, caFile);
      const proxy = proxyFor(url);
      const agent = request.repeat === 'safe' ? reusing : createAgent(false);
      const body = typeof request.body === 'function' ? await request.body() : request.body;
      const way = { proxy, trust };
      const response = await withinTime(
        REQUEST_MILLISECONDS,
        () => tooSlow(url.host),
        request.deadline.signal,
        (stop) => sendRequest(request, body, way, agent, stop),
      );
      const time = Math.round(performance.now() - start);
      app.log.debug(`http: ${what} -> ${response.status} in ${time} ms`);
      const clockSkew = skewOf(response.headers, app.clock.now());
      if (clockSkew !== undefined && !warnedOfSkew) app.log.warn(describeSkew(clockSkew));
      warnedOfSkew ||= clockSkew !== undefined;
      return {
        ...response,
        ...(proxy && { proxy: proxy.name }),
        ...(clockSkew !== undefined && { clockSkew }),
      };
    } catch (failure) {
      app.log.debug(`http: ${what} failed: ${String(failure)}`);
      throw failure;
    }
  };

  return {
    send: async (request) => {
      const url = new URL(request.url);
      if (url.protocol !== 'https:' && !(request.plainOnLoopback && isPlainLoopback(url))) {
        const origin = `${url.protocol}//${url.host}`;
        throw new CliError('network', `${origin} is refused: only https is used`);
      }
      const { signal } = request.deadline;
      try {
        signal.throwIfAborted();
        const { clock, log } = app;
        const sending = { sendOnce: () => sendOnce(request, url), clock, log, throttle };
        const response = await sendWithRetries(request, sending);
        refuseRedirect(response, url);
        return response;
      } catch (failure) {
        if (failure instanceof CliError) throw failure;
        if (signal.aborted) throw signal.reason;
        throw explainFailure(failure, url.host, proxyFor(url));
      }
    },
  };
}

function isPlainLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function tooSlow(host: string): CliError {
  const message = `no complete answer from ${host} within 30s`;
  return new CliError('network', message, { retryable: true });
}

/** A request that followed a redirect could carry a secret to another host. */
function refuseRedirect({ status, headers }: HttpResponse, from: URL): void {
  if (status < 300 || status > 399) return;
  const { location } = headers;
  if (location === undefined) {
    throw new CliError('network', `no answer from ${from.host}, only HTTP ${status}`);
  }
  const target = URL.canParse(location, from.href)
    ? new URL(location, from.href).host
    : 'an unknown place';
  throw new CliError('network', `${from.host} answered with a redirect to ${target}: refused`, {
    hint: CHECK_AUTHORITY_HINT,
  });
}

function skewOf({ date }: HttpResponse['headers'], now: number): number | undefined {
  const skew = now - Date.parse(date ?? '') / 1000;
  return Math.abs(skew) > TOLERATED_SKEW_SECONDS ? skew : undefined;
}

/** A wait that cannot be saved is no error: the next process only sends a request too early. */
function rememberQuietly(app: App, remembers: () => boolean): Throttle {
  const throttle = createThrottle(app.paths.throttleFolder, () => app.clock.now());
  return {
    ...throttle,
    remember: (url, seconds) => {
      if (!remembers()) return;
      try {
        throttle.remember(url, seconds);
      } catch (error) {
        app.log.debug(`http: the wait is not remembered: ${String(error)}`);
      }
    },
  };
}
