import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
interface Asked {
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What GitHub Actions and Azure Pipelines tell a job by: variables, and who answers to them. */
export interface IdentityService {
  readonly asked: readonly Asked[];
  /** For a step that may ask. */
  readonly env: Readonly<Record<string, string>>;
  /** The status of the next answers; 200 by default. */
  status: number;
  close(): Promise<void>;
}

const TOKEN = 'the-request-token-of-the-job';

/** @param issue makes the token for an audience */
export async function startIdentityService(
  issue: (audience?: string) => string,
): Promise<IdentityService> {
  const asked: Asked[] = [];
  const service = { status: 200 };
  const server = createServer(({ method = '', url = '', headers }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const query = Object.fromEntries(searchParams);
    asked.push({ method, query, headers });
    const known = headers.authorization?.toLowerCase() === `bearer ${TOKEN}`;
    const value = known ? issue(query['audience']) : undefined;
    const status = known ? service.status : 401;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(pathname === '/github' ? { value } : { oidcToken: value }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(service, {
    asked,
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/github?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: TOKEN,
      SYSTEM_OIDCREQUESTURI: `${origin}/pipelines`,
      SYSTEM_ACCESSTOKEN: TOKEN,
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
