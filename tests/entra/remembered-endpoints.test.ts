import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Authority } from '../../src/core/oauth.ts';
import type { Endpoints } from '../../src/entra/discovery.ts';
import { createEndpointMemory } from '../../src/entra/remembered-endpoints.ts';

const DAY = 24 * 3600;
const ENTRA: Authority = {
  protocol: 'entra',
  url: 'https://login.example/contoso',
  known: false,
};
const OIDC: Authority = { ...ENTRA, protocol: 'oidc' };

let root: string;
let folder: string;
let time: number;
const open = (trust = '') => createEndpointMemory(folder, trust, () => time);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tokencli-endpoints-'));
  folder = join(root, 'endpoints');
  time = 1_800_000_000;
});
afterEach(() => rmSync(root, { recursive: true }));

function endpointsAt(url: string, changes: object = {}): Endpoints {
  return {
    issuer: `${url}/v2.0`,
    authorizationEndpoint: `${url}/authorize`,
    tokenEndpoint: `${url}/token`,
    jwksUri: `${url}/keys`,
    ...changes,
  };
}

const theFile = () => join(folder, readdirSync(folder)[0] ?? '');

/** The file as somebody else might have written it. */
function rewrite(change: (content: Record<string, unknown>) => unknown): void {
  const content = JSON.parse(readFileSync(theFile(), 'utf8'));
  writeFileSync(theFile(), JSON.stringify(change(content)));
}

describe('the endpoints of an authority', () => {
  it('are there for the next process, in a file of its own', () => {
    const endpoints = endpointsAt(ENTRA.url);
    open().remember(ENTRA, endpoints);
    expect(open().recall(ENTRA)).toEqual(endpoints);
    expect(statSync(theFile()).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(theFile(), 'utf8'))).toEqual({
      authority: ENTRA.url,
      protocol: 'entra',
      endpoints,
      until: time + DAY,
    });
    open().forget(ENTRA);
    expect(open().recall(ENTRA)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are those of one spelling, one protocol and one trust', () => {
    open('one').remember(ENTRA, endpointsAt(ENTRA.url));
    const others: [Authority, string][] = [
      [OIDC, 'one'],
      [{ ...ENTRA, url: 'https://login.example/Contoso' }, 'one'],
      [{ ...ENTRA, url: 'https://login.example/contoso/' }, 'one'],
      [ENTRA, 'two'],
      [ENTRA, ''],
    ];
    for (const [authority, trust] of others) expect(open(trust).recall(authority)).toBeUndefined();
    expect(open('one').recall(ENTRA)).toBeDefined();
  });

  it('are good for a day', () => {
    open().remember(ENTRA, endpointsAt(ENTRA.url));
    time += DAY - 1;
    expect(open().recall(ENTRA)).toBeDefined();
    time += 1;
    expect(open().recall(ENTRA)).toBeUndefined();
  });

  it('are not good for longer because the clock was set back', () => {
    open().remember(ENTRA, endpointsAt(ENTRA.url));
    time -= 3600;
    expect(open().recall(ENTRA)).toBeUndefined();
  });

  it('leave when they have ended', () => {
    open('one').remember(ENTRA, endpointsAt(ENTRA.url));
    time += DAY + 1;
    open('two').remember(ENTRA, endpointsAt(ENTRA.url));
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

describe('a file that no process of ours wrote is none', () => {
  const at = ENTRA.url;

  it.each<[string, object]>([
    ['a token endpoint elsewhere', { tokenEndpoint: 'https://evil.example/token' }],
    ['a token endpoint without TLS', { tokenEndpoint: 'http://login.example/token' }],
    ['a token endpoint at another port', { tokenEndpoint: 'https://login.example:444/token' }],
    ['no token endpoint', { tokenEndpoint: undefined }],
    ['a number', { tokenEndpoint: 7 }],
    ['a foreign issuer', { issuer: 'https://evil.example/' }],
    ['keys elsewhere', { jwksUri: 'https://evil.example/keys' }],
    ['a sign-in page elsewhere', { authorizationEndpoint: 'https://evil.example/' }],
    ['a device endpoint elsewhere', { deviceAuthorizationEndpoint: 'https://evil.example/' }],
    ['a null', { deviceAuthorizationEndpoint: null }],
  ])('%s', (_name, changes) => {
    open().remember(ENTRA, endpointsAt(at));
    rewrite((content) => ({ ...content, endpoints: endpointsAt(at, changes) }));
    expect(open().recall(ENTRA)).toBeUndefined();
  });

  it('a generic issuer of another name', () => {
    open().remember(OIDC, endpointsAt(at, { issuer: at }));
    expect(open().recall(OIDC)).toBeDefined();
    rewrite((content) => ({ ...content, endpoints: endpointsAt(at, { issuer: `${at}/other` }) }));
    expect(open().recall(OIDC)).toBeUndefined();
  });

  it.each<[string, (content: Record<string, unknown>) => unknown]>([
    ['another authority', (content) => ({ ...content, authority: 'https://login.example/other' })],
    ['another protocol', (content) => ({ ...content, protocol: 'oidc' })],
    ['no endpoints', (content) => ({ ...content, endpoints: undefined })],
    ['endpoints of null', (content) => ({ ...content, endpoints: null })],
    ['endpoints in a list', (content) => ({ ...content, endpoints: [content['endpoints']] })],
    ['an end in words', (content) => ({ ...content, until: 'tomorrow' })],
    ['no end', (content) => ({ ...content, until: undefined })],
    ['no end in sight', (content) => ({ ...content, until: time + DAY + 60 })],
    ['a list', (content) => [content]],
    ['null', () => null],
    ['more than it can hold', (content) => ({ ...content, more: 'x'.repeat(1 << 20) })],
  ])('%s', (_name, change) => {
    open().remember(ENTRA, endpointsAt(at));
    rewrite(change);
    expect(open().recall(ENTRA)).toBeUndefined();
  });

  it.each(['', '{', '{"authority":', '\0'.repeat(5000), '<html>'])('%j', (text) => {
    open().remember(ENTRA, endpointsAt(at));
    writeFileSync(theFile(), text);
    expect(open().recall(ENTRA)).toBeUndefined();
  });

  it('hands on nothing that it was not asked for', () => {
    open().remember(ENTRA, endpointsAt(at));
    const more = { introspectionEndpoint: 'https://evil.example/', ['__proto__']: { a: 1 } };
    rewrite((content) => ({ ...content, endpoints: endpointsAt(at, more) }));
    expect(open().recall(ENTRA)).toEqual(endpointsAt(at));
  });
});
