import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { RESOURCES } from '../../src/entra/resources.ts';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import { startPlainOidc } from '../support/plain-oidc.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa, type TestCa } from '../support/tls.ts';
import { APPS, DOMAINS, HOSTS, ISSUER_APP, PERSON, TENANT } from './names.ts';

/** Everything that the pages speak of, behind a proxy on loopback that leads each name to it. */
export interface Services {
  readonly tls: TestCa;
  readonly proxy: ConnectProxy;
  readonly idp: StandIn;
  close(): Promise<void>;
}

export async function startServices(): Promise<Services> {
  const tls = createTestCa(['localhost', ...Object.values(HOSTS).flat()]);
  const uris = new Set(RESOURCES.flatMap(({ uris }) => Object.values(uris)));
  const scopes = ['User.Read', 'Mail.Read'];
  const urls = [...uris].filter((uri) => uri.startsWith('https:'));
  const named = urls.map((uri) => ({ uri: uri.replace(/\/$/, ''), scopes }));
  const idp = await startStandIn({
    tls,
    publicOrigin: `https://${HOSTS.signIn[0]}`,
    tenant: TENANT,
    domains: DOMAINS,
    clients: APPS,
    users: [PERSON],
    resources: [...named, { uri: 'api://orders', scopes: ['Orders.Read'] }],
    deviceInterval: 1,
  });
  const issuer = await startPlainOidc({
    tls,
    publicOrigin: `https://${HOSTS.issuer[0]}`,
    clients: [ISSUER_APP],
    scopes: ['orders.read'],
  });
  const api = await startApi(tls, idp);
  const target = (host: string) => {
    if (HOSTS.signIn.includes(host)) return Number(new URL(idp.origin).port);
    return HOSTS.issuer.includes(host) ? issuer.port : api.port;
  };
  const proxy = await startConnectProxy({ target });
  return {
    tls,
    proxy,
    idp,
    close: async () => {
      for (const service of [proxy, api, issuer, idp]) await service.close();
    },
  };
}

/** An API that answers whoever shows a token of the identity provider. */
async function startApi(tls: TestCa, idp: StandIn) {
  const server = createServer({ key: tls.key, cert: tls.cert }, (request, response) => {
    const [, token = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    response.writeHead(idp.issued.includes(token) ? 200 : 401);
    response.end('{"value":[]}\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
