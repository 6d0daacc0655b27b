import { EnvHttpProxyAgent } from 'undici';
import {
  CONNECT_MILLISECONDS,
  LARGEST_ANSWER,
  LARGEST_HEADERS,
  REQUEST_MILLISECONDS,
  type Trust,
  type Wire,
} from './transport.ts';

/** The way through a proxy, and past it to the hosts of `noProxy`. */
export function createProxyWire(proxy: URL, noProxy: string, trust: Trust): Wire {
  const tls = { timeout: CONNECT_MILLISECONDS, ...trust };
  const dispatcher = new EnvHttpProxyAgent({
    maxHeaderSize: LARGEST_HEADERS,
    maxResponseSize: LARGEST_ANSWER,
    headersTimeout: REQUEST_MILLISECONDS,
    bodyTimeout: REQUEST_MILLISECONDS,
    connect: { autoSelectFamily: true, ...tls },
    httpsProxy: proxy.href,
    httpProxy: proxy.href,
    noProxy,
    requestTls: tls,
    proxyTls: tls,
  });
  return {
    send: async ({ url, method, headers, body, signal }) => {
      const { origin, pathname, search } = url;
      const path = `${pathname}${search}`;
      const answer = await dispatcher.request({
        ...{ origin, path, method, headers, signal },
        body: body ?? null,
      });
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    },
    close: () => dispatcher.destroy(),
  };
}
