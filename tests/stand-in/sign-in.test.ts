import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { send } from '../support/send.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';
import { createTestCa } from '../support/tls.ts';

const SCOPE = 'https://graph.microsoft.com/User.Read openid profile offline_access';
const tls = createTestCa();
const verifier = randomBytes(32).toString('base64url');
let idp: StandIn;
let browser: Browser;
let loopback: Server;
let redirectUri: string;
let arrived: (values: URLSearchParams) => void;

beforeAll(async () => {
  idp = await startStandIn({
    tls,
    clients: [{ id: 'desktop', redirectUris: ['http://localhost'] }],
    users: [{ username: 'ada@example.test', password: 'p&ss "word"' }],
  });
  loopback = createServer((request, response) => {
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
  await new Promise<void>((resolve) => loopback.listen(0, '127.0.0.1', resolve));
  redirectUri = `http://localhost:${(loopback.address() as AddressInfo).port}`;
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-quic'],
  });
});
afterAll(async () => {
  await browser.close();
  await new Promise((resolve) => {
    loopback.close(resolve);
    loopback.closeAllConnections();
  });
  await idp.close();
});

function authorizeUrl(more: Record<string, string> = {}): string {
  const params = new URLSearchParams({
    client_id: 'desktop',
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: SCOPE,
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return `${idp.origin}/${idp.tenant}/oauth2/v2.0/authorize?${params}`;
}

/** A person in front of the page. @returns what arrived at the redirect URI */
async function signIn(url: string, passwords: readonly string[], last?: string) {
  const waiting = new Promise<URLSearchParams>((resolve) => {
    arrived = resolve;
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(url);
  for (const password of passwords) {
    await page.fill('[name=username]', 'ada@example.test');
    await page.fill('[name=password]', password);
    await page.click('[value=sign-in]');
  }
  if (last) await page.click(`[value=${last}]`);
  const values = await waiting;
  await context.close();
  return values;
}

async function redeem(code: string, code_verifier: string) {
  return send(`${idp.origin}/${idp.tenant}/oauth2/v2.0/token`, tls.caPem, {
    grant_type: 'authorization_code',
    client_id: 'desktop',
    redirect_uri: redirectUri,
    scope: SCOPE,
    client_info: '1',
    code,
    code_verifier,
  });
}

const claims = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

describe('a person', () => {
  it('signs in, and the code is good for tokens exactly once', async () => {
    const values = await signIn(authorizeUrl(), ['wrong', 'p&ss "word"']);
    expect([...values.keys()].sort()).toEqual(['code', 'iss', 'state']);
    const code = values.get('code') ?? '';
    expect((await redeem(code, 'x'.repeat(43))).json.error_codes).toEqual([54005]);

    const { status, json } = await redeem(code, verifier);
    expect(status).toBe(200);
    expect(json.scope).toBe('https://graph.microsoft.com/User.Read openid profile');
    expect(claims(json.access_token)).toMatchObject({
      aud: 'https://graph.microsoft.com',
      scp: 'User.Read',
      tid: idp.tenant,
      preferred_username: 'ada@example.test',
    });
    expect(claims(json.id_token)).toMatchObject({ nonce: 'the-nonce', tid: idp.tenant });
    expect(JSON.parse(Buffer.from(json.client_info, 'base64url').toString())).toEqual({
      uid: claims(json.id_token).oid,
      utid: idp.tenant,
    });

    const other = await send(`${idp.origin}/${idp.tenant}/oauth2/v2.0/token`, tls.caPem, {
      grant_type: 'refresh_token',
      client_id: 'desktop',
      scope: 'api://orders/Orders.Read openid profile offline_access',
      refresh_token: json.refresh_token,
    });
    expect(claims(other.json.access_token)).toMatchObject({
      aud: 'api://orders',
      scp: 'Orders.Read',
    });
    expect(other.json.refresh_token).not.toBe(json.refresh_token);
    expect((await redeem(code, verifier)).json.error_codes).toEqual([54005]);
  });

  it('comes back by a form post when the client asks for it', async () => {
    const values = await signIn(authorizeUrl({ response_mode: 'form_post' }), ['p&ss "word"']);
    expect([values.get('state'), values.has('code')]).toEqual(['the-state', true]);
  });

  it('may refuse the consent', async () => {
    const values = await signIn(authorizeUrl({ prompt: 'consent' }), ['p&ss "word"'], 'cancel');
    expect(values.get('error')).toBe('access_denied');
    expect(values.get('error_description')).toMatch(/^AADSTS65004: /);
  });
});
