import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ExecSession, startExec } from '../support/exec-session.ts';
import { type FakeIdp, startFakeIdp } from '../support/fake-idp.ts';
import { makePlan } from '../support/hostile.ts';
import { CANARY, COMMON, GARBAGE, write } from '../support/hostile-requests.ts';
import { openRaw, sendRaw } from '../support/raw-http.ts';
import { type Stage, setStage } from '../support/stage.ts';

const GRAPH = 'https://graph.microsoft.com';
const PATH = '/msi/token';
const ENV = {
  TOKENCLI_STORE: 'file',
  TOKENCLI_STORE_KEY: Buffer.alloc(32, 7).toString('base64'),
  TOKENCLI_CLIENT_SECRET: 'a secret for the tests 0123456789',
};
const plan = makePlan('exec', 1000);

let stage: Stage;
let idp: FakeIdp;
let session: ExecSession;

beforeAll(async () => {
  stage = setStage(ENV);
  idp = await startFakeIdp({ tls: stage.tls });
  const clientId = '11111111-2222-4333-8444-555555555555';
  const common = { clientId, tenantId: 'contoso.example', caFile: stage.caFile };
  stage.writeProfiles({ profiles: [{ name: 'app', ...common, authority: idp.origin }] });
  session = await startExec(['-p', 'app'], { home: stage.home, env: ENV });
});
afterAll(async () => {
  await session.end();
  await idp.close();
  stage.remove();
});

/** Keys that are nearly right, from somebody who has seen neither. */
function wrongKey(key: string): string {
  const at = plan.below(key.length);
  return plan.pick([
    '',
    'x',
    CANARY,
    key.slice(0, -1),
    `${key}0`,
    key.toUpperCase(),
    key.repeat(2),
    `${key.slice(0, at)}${key[at] === '0' ? '1' : '0'}${key.slice(at + 1)}`,
    [...key].reverse().join(''),
    'k'.repeat(9000),
  ]);
}

/** Without a right key; or with it, but from a page of the web. */
function hostileRequest(): Buffer {
  const { port, env } = session;
  const key = env['IDENTITY_HEADER'] ?? '';
  const pathKey = new URL(env['MSI_ENDPOINT'] ?? '').pathname.split('/')[1] ?? '';
  if (plan.below(100) < 8) {
    return Buffer.from(plan.pick(GARBAGE).replaceAll('{}', CANARY), 'latin1');
  }
  const path = plan.pick([
    PATH,
    `/${wrongKey(pathKey).replace(/[^0-9a-z]/gi, 'x')}${PATH}`,
    '/token',
  ]);
  const draft = {
    method: plan.pick(['GET', 'POST']),
    target: `${path}?resource=${encodeURIComponent(CANARY)}`,
    headers: [`Host: localhost:${port}`, 'Metadata: true'],
    body: '',
  };
  const names = ['X-IDENTITY-HEADER', 'Secret', 'Authorization: Bearer', 'Metadata', 'X-Other'];
  const name = plan.pick(names);
  const given = `${name}${name.includes(':') ? '' : ':'} ${wrongKey(key)}`;
  plan.pick(COMMON)(draft, { port, path, state: '', responseMode: 'query' }, plan.below);
  if (plan.below(100) < 50) draft.headers.push(given);
  if (plan.below(100) < 20) {
    draft.headers.push(`X-IDENTITY-HEADER: ${key}`);
    draft.headers.push(
      plan.pick(['Origin: null', `Origin: http://localhost:${port}`, 'Sec-Fetch-Site: none']),
    );
  }
  return Buffer.from(write(draft), 'latin1');
}

it(`answers ${plan.runs} hostile requests with nothing, and the program notices none`, async () => {
  const { port, env } = session;
  const started = performance.now();
  const right = `GET ${PATH}?resource=${GRAPH} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-IDENTITY-HEADER: ${env['IDENTITY_HEADER']}\r\n`;
  const slow = await Promise.all(
    ['', 'GET /', right, `${right}Content-Length: 9\r\n\r\n1234`]
      .flatMap((part) => new Array<string>(10).fill(part))
      .map((part) => openRaw(port, part)),
  );
  const replies: string[] = [];
  let left = plan.runs;
  const attacker = async () => {
    for (; left > 0; left -= 1) replies.push(await sendRaw(port, hostileRequest()));
  };
  const asked: number[] = [];
  const asker = async () => {
    while (left > 0) asked.push((await session.ask(GRAPH)).status);
  };
  await Promise.all([...new Array(16).fill(0).map(attacker), asker()]);

  // CONNECT is hung up on, HEAD has no body
  const heads = [...new Set(replies.map((reply) => reply.split('\r\n', 1)[0]))].sort();
  expect(heads.filter((head) => !/^(HTTP\/1\.1 40[013] [A-Za-z ]+)?$/.test(head ?? ''))).toEqual(
    [],
  );
  const bodies = new Set(replies.map((reply) => reply.split('\r\n\r\n').slice(1).join()));
  expect([...bodies].filter((body) => !/^(\{"error":"[a-z_]+".*\})?$/.test(body))).toEqual([]);
  expect(bodies.size).toBeLessThan(6);
  const secrets = [CANARY, env['IDENTITY_HEADER'] ?? '', 'access_token', 'tokencli'];
  expect(secrets.filter((secret) => replies.some((reply) => reply.includes(secret)))).toEqual([]);

  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter((status) => status !== 200)).toEqual([]);
  await Promise.all(
    slow.map(
      (socket) =>
        new Promise((resolve) => {
          if (socket.closed) resolve(true);
          else socket.once('close', resolve);
        }),
    ),
  );
  expect(idp.tokenRequests()).toHaveLength(1);
  expect([session.err(), session.tokencli.exitCode]).toEqual(['', null]);
  plan.tell({ requests: plan.runs, replies: bodies.size, 'right ones between': asked.length });
  expect(performance.now() - started).toBeLessThan(plan.long ? 600_000 : 30_000);
}, 900_000);

it('has room for who comes after a thousand silent connections', async () => {
  const silent = await Promise.all(Array.from({ length: 1000 }, () => openRaw(session.port)));
  expect((await session.ask(GRAPH)).status).toBe(200);
  for (const socket of silent) socket.destroy();
});
