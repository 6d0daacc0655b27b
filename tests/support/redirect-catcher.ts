import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RedirectCatcher {
  /** `http://localhost:<port>` */
  readonly redirectUri: string;
  /** The values of the next redirect that carries a state; ask before it is sent. */
  next(): Promise<URLSearchParams>;
  close(): Promise<void>;
}

/** The end of a redirect for tests that have no client: query and form post. */
export async function catchRedirects(): Promise<RedirectCatcher> {
  let arrived: (values: URLSearchParams) => void = () => {};
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      response.end('<title>Done</title>');
      const query = new URL(request.url ?? '/', 'http://localhost').search;
      const values = new URLSearchParams(body || query);
      if (values.has('state')) arrived(values);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    redirectUri: `http://localhost:${(server.address() as AddressInfo).port}`,
    next: () =>
      new Promise((resolve) => {
        arrived = resolve;
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
