import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startDeadline } from '../../src/core/deadline.ts';
import { CliError } from '../../src/core/errors.ts';
import type { Http, HttpResponse } from '../../src/core/http.ts';
import type { Authority } from '../../src/core/oauth.ts';
import { readDeviceAuthorization } from '../../src/entra/device-authorization.ts';
import { discoverEndpoints } from '../../src/entra/discovery.ts';
import { readTokenResponse } from '../../src/entra/token-response.ts';
import { cleanLines, cleanText } from '../../src/output/terminal-text.ts';
import { readProfiles } from '../../src/profiles/store.ts';
import { createThrottle, listWaits } from '../../src/tokens/throttle.ts';
import { parseCertificate } from '../../src/usecases/credentials/parse-certificate.ts';
import { appId } from '../support/app-id.ts';
import {
  type CertificateWorkshop,
  createCertificateWorkshop,
  mutate,
} from '../support/certificates.ts';
import { makePlan } from '../support/hostile.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const plan = makePlan('fuzz', 20_000);
const share = (part: number) => Math.ceil(plan.runs * part);
const random = () => plan.below(2 ** 30) / 2 ** 30;
const never = new AbortController().signal;
const AUTHORITY: Authority = {
  protocol: 'entra',
  url: 'https://login.example/contoso',
  known: false,
};

let folder: string;
let workshop: CertificateWorkshop;
let world: TestApp;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-fuzz-'));
  workshop = createCertificateWorkshop();
  world = createTestApp();
});
afterAll(() => {
  workshop.remove();
  world.remove();
  rmSync(folder, { recursive: true });
});

/** What a damaged input may end in: a value, or a foreseen failure of one line with one of the codes. */
async function survives(
  work: () => unknown,
  codes: readonly string[],
): Promise<string | undefined> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CliError)) return String((error as Error).stack ?? error);
    if (!codes.includes(error.code)) return `${error.code}: ${error.message}`;
  }
  return undefined;
}

async function attack(
  what: string,
  count: number,
  codes: readonly string[],
  shoot: () => { input: unknown; work: () => unknown },
): Promise<void> {
  const wrong: unknown[] = [];
  for (let shot = 0; shot < count && wrong.length < 3; shot += 1) {
    const { input, work } = shoot();
    const fault = await survives(work, codes);
    if (fault !== undefined) wrong.push({ fault, input });
  }
  plan.tell({ [what]: count });
  expect(wrong).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(PROTOTYPE);
}
const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype).length;

const ODD = [
  null,
  true,
  0,
  -1,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  '',
  ' ',
  '\u0000',
  '\u001b]52;c;AA\u0007',
  '\u202e',
  '\ud800',
  [],
  {},
  [[]],
  'x'.repeat(3000),
  'https://login.example',
  'http://login.example/',
  'javascript:0',
  { __proto__: null },
  '3600',
  '-',
  'Bearer',
  'bearer',
  '__proto__',
] as const;

/** Some members are odd, some are gone, and some are new. */
function distort(model: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...model };
  for (let times = plan.below(3); times >= 0; times -= 1) {
    const name = plan.pick([...Object.keys(model), 'error', '__proto__', 'constructor', 'scope']);
    if (plan.below(5) === 0) delete changed[name];
    else
      Object.defineProperty(changed, name, {
        value: plan.pick(ODD),
        enumerable: true,
        configurable: true,
      });
  }
  return changed;
}

/** Damaged as JSON, or only as what it means. */
function spoil(model: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(plan.below(2) ? distort(model) : model);
  return plan.below(2) ? text : mutate(Buffer.from(text), random).toString('utf8');
}

it('answers of an identity provider', async () => {
  const token = {
    token_type: 'Bearer',
    expires_in: 3599,
    access_token: 'a.b.c',
    refresh_token: 'r',
  };
  const refusal = {
    error: 'invalid_grant',
    error_description: 'AADSTS70043: it is over.\r\nTrace ID: 1',
    error_codes: [70043],
    timestamp: '2026-01-01 00:00:00Z',
    trace_id: 't',
    correlation_id: 'c',
    suberror: 'bad_token',
    claims: '{"access_token":{}}',
  };
  const device = {
    device_code: 'd',
    user_code: 'ABCD',
    verification_uri: 'https://login.example/device',
    expires_in: 900,
    interval: 5,
  };
  const base = 'https://login.example/contoso';
  const discovery = {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    device_authorization_endpoint: `${base}/devicecode`,
    jwks_uri: `${base}/keys`,
  };
  const codes = ['network', 'auth_failed', 'interaction_required', 'token_expired'];
  await attack('answers', share(0.5), codes, () => {
    const body = spoil(plan.pick([token, refusal, device, discovery]));
    const status = plan.pick([200, 200, 200, 400, 401, 403, 429, 500, 302]);
    const headers = plan.pick([{}, { date: 'x' }, { 'content-type': body.slice(0, 50) }]);
    const response: HttpResponse = { status, headers, body };
    const http = { send: async () => response, close: async () => {} } as Http;
    const readers = [
      () => checkToken(readTokenResponse(response, ['api://a/.default'], 0, 'login.example')),
      () => readDeviceAuthorization(response, AUTHORITY, 'login.example'),
      () => discoverEndpoints(AUTHORITY, http, DEADLINE),
    ];
    return { input: response, work: plan.pick(readers) };
  });
});
const DEADLINE = startDeadline(3600, never);

/** Whatever was accepted is a token that may be printed. */
function checkToken({ accessToken, expiresOn }: ReturnType<typeof readTokenResponse>): void {
  if (!/^[\x21-\x7e]+$/.test(accessToken) || !(expiresOn >= 1)) throw new Error(accessToken);
}

it('profiles.json', async () => {
  const path = join(folder, 'profiles.json');
  const profile = {
    name: 'app',
    clientId: appId('client'),
    tenantId: 'contoso.example',
    scopes: ['https://graph.microsoft.com/.default'],
    flow: 'ClientCredentials',
    authority: 'https://login.example',
    credentials: [{ id: 'a'.repeat(32), kind: 'clientSecret', store: 'file' }],
  };
  await attack('files', share(0.225), ['invalid_data', 'io'], () => {
    const profiles = [distort(profile), profile];
    const text = spoil({ schemaVersion: 1, default: 'app', profiles });
    writeFileSync(path, text);
    return {
      input: text,
      work: () => readProfiles({ profiles: path, validationStamp: '/dev/null/none' }),
    };
  });
});

it('text on its way to a terminal', async () => {
  const units = Array.from({ length: 40 }, () => plan.below(0x10000));
  const characters = () =>
    String.fromCodePoint(
      plan.pick([
        plan.below(0xa0),
        plan.below(0x3000),
        plan.pick(units),
        0xe0000 + plan.below(0x80),
      ]),
    );
  const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
  const SEEN =
    /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}]/gu;
  await attack('texts', share(0.25), [], () => {
    const input = Array.from({ length: plan.below(60) }, characters).join('');
    return {
      input,
      work: () => {
        const line = cleanText(input).replace(SEEN, '');
        const lines = cleanLines(input)
          .replace(SEEN, '')
          .replace(/[\n\t]/g, '');
        if (UNSAFE.test(line) || UNSAFE.test(lines)) throw new Error(JSON.stringify([line, lines]));
      },
    };
  });
});

it('certificates, as PFX and as PEM', async () => {
  workshop.selfSigned('one');
  workshop.pfx('modern', 'one', ['one'], ['-passout', 'pass:word', '-iter', '1', '-maciter']);
  workshop.write('both.pem', workshop.text('one.key') + workshop.text('one.crt'));
  const seeds = ['modern.pfx', 'both.pem'].map((name) => readFileSync(workshop.path(name)));
  const app = world.app();
  const start = performance.now();
  await attack('certificates', share(0.025), ['invalid_data'], () => {
    const bytes = mutate(plan.pick(seeds), random);
    return {
      input: bytes.toString('base64'),
      work: () => parseCertificate(app, bytes, 'word', 'file'),
    };
  });
  expect((performance.now() - start) / share(0.025)).toBeLessThan(1000);
});

it('remembered waits', async () => {
  const throttle = createThrottle(folder, () => 1_800_000_000);
  throttle.remember('https://login.example/t', 60);
  const [wait] = listWaits(folder, 1_800_000_000);
  await attack('waits', share(0.01), [], () => {
    const input = spoil({ ...wait });
    for (const name of ['a.wait', 'b.wait']) writeFileSync(join(folder, name), input);
    return {
      input,
      work: () => {
        for (const { until } of listWaits(folder, 1_800_000_000)) {
          if (!(until > 1_800_000_000 && until <= 1_800_003_601)) throw new Error(String(until));
        }
      },
    };
  });
});
