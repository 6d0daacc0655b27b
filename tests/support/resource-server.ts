import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestCa } from './tls.ts';

/** An API on loopback with TLS that wants a token. */
export interface ResourceServer {
  readonly origin: string;
  /** The `Authorization` of each request, in order of arrival. */
  readonly authorizations: (string | undefined)[];
  /** Answered to each request; 200 by default. */
  status: number;
  close(): Promise<void>;
}

export async function startResourceServer(tls: TestCa): Promise<ResourceServer> {
  const authorizations: (string | undefined)[] = [];
  const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    authorizations.push(request.headers.authorization);
    response.writeHead(resource.status, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const resource: ResourceServer = {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    authorizations,
    status: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return resource;
}
