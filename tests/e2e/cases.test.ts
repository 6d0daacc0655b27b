import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import {
  type CertificateWorkshop,
  createCertificateWorkshop,
  EC_P256,
  RSA_1024,
} from '../support/certificates.ts';
import { type Stage, setStage } from '../support/stage.ts';
import { type StandIn, startStandIn } from '../support/stand-in/stand-in.ts';

const SECRET = '-a~b+c/d&e=f%g "h\'i<j>\\k';
const TENANT = '0f0e0d0c-0b0a-4908-8706-050403020100';
const GRAPH = 'https://graph.microsoft.com';
const KEY = Buffer.alloc(32, 7).toString('base64');
let stage: Stage;
let idp: StandIn;
let workshop: CertificateWorkshop;

beforeAll(async () => {
  stage = setStage({ TOKENCLI_STORE: 'file', TOKENCLI_STORE_KEY: KEY });
  workshop = createCertificateWorkshop();
  makeCertificates();
  idp = await startStandIn({
    tls: stage.tls,
    tenant: TENANT,
    clients: [
      { id: appId('by-secret'), secret: SECRET, roles: ['Orders.Read.All'] },
      { id: appId('too-late'), secret: SECRET, secretExpired: true },
      { id: appId('by-certificate'), certificate: workshop.text('good.crt') },
    ],
  });
  stage.writeProfiles({ schemaVersion: 1, profiles: allProfiles() });
});
afterAll(async () => {
  await idp?.close();
  workshop?.remove();
  stage?.remove();
});

function makeCertificates(): void {
  const make = (name: string, key?: string[]) => workshop.selfSigned(name, key ? { key } : {});
  make('good');
  make('other');
  make('short', RSA_1024);
  make('curve', EC_P256);
  const pem = (name: string, ...parts: string[]) =>
    workshop.write(`${name}.pem`, parts.map(workshop.text).join(''));
  pem('whole', 'good.crt', 'good.key');
  pem('turned', 'good.key', 'good.crt');
  pem('mismatched', 'other.key', 'good.crt');
  pem('weak', 'short.key', 'short.crt');
  pem('elliptic', 'curve.key', 'curve.crt');
  workshop.write('garbage.pem', 'this is no certificate\n');
  workshop.pfx('locked', 'good', ['good'], ['-passout', 'pass:päss wörd']);
  workshop.pfx('open', 'good', ['good'], ['-passout', 'pass:']);
  workshop.openssl('rsa', '-in', 'good.key', '-aes256', '-passout', 'pass:x', '-out', 'enc.key');
  pem('encrypted', 'enc.key', 'good.crt');
}

function allProfiles(): object[] {
  const authority = { authority: idp.origin, caFile: stage.caFile };
  const app = { ...authority, tenantId: TENANT, scopes: [`${GRAPH}/.default`] };
  const withFile = (name: string, file: string, more: object = {}) => ({
    ...app,
    name,
    clientId: appId('by-certificate'),
    certificatePath: workshop.path(file),
    useCertificate: true,
    ...more,
  });
  return [
    { ...app, name: 'app', clientId: appId('by-secret') },
    { ...app, name: 'late', clientId: appId('too-late') },
    { ...app, name: 'stranger', clientId: appId('unregistered') },
    {
      ...app,
      name: 'common',
      clientId: appId('by-secret'),
      tenantId: 'common',
      flow: 'ClientCredentials',
    },
    {
      ...app,
      name: 'delegated',
      clientId: appId('by-secret'),
      scopes: [`${GRAPH}/User.Read`],
      flow: 'ClientCredentials',
    },
    {
      ...app,
      name: 'two',
      clientId: appId('by-secret'),
      scopes: [`${GRAPH}/.default`, 'api://orders/.default'],
      flow: 'ClientCredentials',
    },
    { ...app, name: 'device', clientId: appId('by-secret'), flow: 'DeviceCode' },
    { ...app, name: 'broken', clientId: 7 },
    {
      ...authority,
      name: 'distrustful',
      clientId: appId('by-secret'),
      tenantId: TENANT,
      caFile: undefined,
      scopes: [`${GRAPH}/.default`],
    },
    withFile('pem', 'whole.pem'),
    withFile('pem-turned', 'turned.pem'),
    withFile('pem-sha1', 'whole.pem', { thumbprint: 'sha1', sendX5c: true }),
    withFile('pfx', 'locked.pfx'),
    withFile('pfx-open', 'open.pfx'),
    withFile('mismatched', 'mismatched.pem'),
    withFile('weak', 'weak.pem'),
    withFile('elliptic', 'elliptic.pem'),
    withFile('encrypted', 'encrypted.pem'),
    withFile('garbage', 'garbage.pem'),
    withFile('missing', 'nowhere.pem'),
    { ...withFile('bare', 'whole.pem'), certificatePath: undefined },
  ];
}

const secretEnv = { TOKENCLI_CLIENT_SECRET: SECRET };

describe('a token on stdout and nothing else', () => {
  const good: readonly [string, string[], Record<string, string>][] = [
    ['by a secret of odd characters', ['-p', 'app', '--force-refresh'], secretEnv],
    ['by a name in another case', ['-p', 'APP', '--force-refresh'], secretEnv],
    [
      'by a profile from the environment',
      ['--force-refresh'],
      { ...secretEnv, TOKENCLI_PROFILE: 'app' },
    ],
    [
      'by the secret under its Azure name',
      ['-p', 'app', '--force-refresh'],
      { AZURE_CLIENT_SECRET: SECRET },
    ],
    [
      'by a client id from the environment',
      ['-p', 'stranger', '--no-cache'],
      { ...secretEnv, TOKENCLI_CLIENT_ID: appId('by-secret') },
    ],
    ['by a tenant from a flag', ['-p', 'common', '--tenant', TENANT, '--no-cache'], secretEnv],
    ['for a resource', ['-p', 'app', '--resource', 'api://orders', '--no-cache'], secretEnv],
    [
      'for a resource with a slash at its end',
      ['-p', 'app', '--resource', `${GRAPH}/`, '--no-cache'],
      secretEnv,
    ],
    ['for a scope', ['-p', 'delegated', '-s', 'api://orders/.default', '--no-cache'], secretEnv],
    ['by a flow in kebab case', ['-p', 'app', '-f', 'client-credentials', '--no-cache'], secretEnv],
    ['with --silent', ['-p', 'app', '--silent', '--no-cache'], secretEnv],
    ['with --verbose', ['-p', 'app', '--verbose', '--no-cache'], secretEnv],
    ['with --debug', ['-p', 'app', '--debug', '--no-cache'], secretEnv],
    ['by a PEM certificate', ['-p', 'pem', '--no-cache'], {}],
    ['by a PEM file in the other order', ['-p', 'pem-turned', '--no-cache'], {}],
    ['by SHA-1 and x5c where the profile says so', ['-p', 'pem-sha1', '--no-cache'], {}],
    [
      'by a PFX with a password',
      ['-p', 'pfx', '--no-cache'],
      { TOKENCLI_CLIENT_CERTIFICATE_PASSWORD: 'päss wörd' },
    ],
    ['by a PFX with an empty password', ['-p', 'pfx-open', '--no-cache'], {}],
    [
      'by an encrypted key',
      ['-p', 'encrypted', '--no-cache'],
      { TOKENCLI_CLIENT_CERTIFICATE_PASSWORD: 'x' },
    ],
  ];
  it.each(good)('%s', async (_title, args, env) => {
    const before = idp.issued.length;
    // alone it says nothing: it belongs to the other variables of Azure
    const all = { AZURE_AUTHORITY_HOST: idp.origin, ...env };
    const { code, out } = await stage.run(['get-token', ...args], { env: all });
    expect([code, idp.issued.length]).toEqual([0, before + 1]);
    expect(out).toBe(`${idp.issued.at(-1)}\n`);
  });

  it('by a certificate from the environment', async () => {
    const env = {
      TOKENCLI_CLIENT_CERTIFICATE_PATH: workshop.path('whole.pem'),
      TOKENCLI_CLIENT_ID: appId('by-certificate'),
    };
    const { code, out } = await stage.run(['get-token', '-p', 'app', '--no-cache'], { env });
    expect([code, out]).toEqual([0, `${idp.issued.at(-1)}\n`]);
  });

  it('from the cache, with no request at all', async () => {
    const first = await stage.run(['get-token', '-p', 'app', '--silent'], { env: secretEnv });
    const before = idp.requests.length;
    const second = await stage.run(['get-token', '-p', 'app', '--silent'], { env: secretEnv });
    expect(second).toEqual({ code: 0, signal: null, out: first.out, err: '' });
    expect(idp.requests.length).toBe(before);
  });

  it('says on stderr what the documentation says', async () => {
    const { err } = await stage.run(['get-token', '-p', 'app', '--no-cache'], { env: secretEnv });
    expect(err).toBe("Authenticating with profile 'app'...\n✓ Token acquired successfully\n");
  });

  it('as one JSON document', async () => {
    const { out } = await stage.run(['get-token', '-p', 'app', '--json', '--no-cache'], {
      env: secretEnv,
    });
    const token = idp.issued.at(-1) ?? '';
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const { expiresOnEpoch, ...rest } = JSON.parse(out);
    expect(Math.abs(expiresOnEpoch - exp)).toBeLessThan(30);
    expect(Object.entries(rest)).toEqual([
      ['accessToken', token],
      ['expiresOn', new Date(expiresOnEpoch * 1000).toISOString().replace('.000', '')],
      ['tokenType', 'Bearer'],
      ['scopes', [`${GRAPH}/.default`]],
      ['profile', 'app'],
      ['flow', 'ClientCredentials'],
      ['tenantId', TENANT],
      ['account', null],
      ['fromCache', false],
    ]);
    expect(out.endsWith('}\n')).toBe(true);
  });

  it('in a file of mode 0600, with an empty stdout', async () => {
    const { code, out, err } = await stage.run(
      ['get-token', '-p', 'app', '-o', 'token.txt', '--no-cache'],
      { env: secretEnv },
    );
    expect([code, out]).toEqual([0, '']);
    expect(err.endsWith('✓ Token saved to token.txt\n')).toBe(true);
    const path = join(stage.folder, 'token.txt');
    expect(readFileSync(path, 'utf8')).toBe(`${idp.issued.at(-1)}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('nothing on stdout, the exit code and the reason', () => {
  const bad: readonly [string, string[], Record<string, string>, number, string][] = [
    ['no command', [], {}, 2, 'say what to do'],
    ['unknown command', ['get-tokens'], {}, 2, 'get-token'],
    ['unknown flag', ['get-token', '--scopes', 'x'], {}, 2, '--scopes'],
    ['a value that is missing', ['get-token', '-p'], {}, 2, '-p'],
    ['an empty value', ['get-token', '-p', ''], {}, 2, '--profile'],
    ['a flag given twice', ['get-token', '-p', 'a', '-p', 'b'], {}, 2, 'twice'],
    [
      'two flags that contradict',
      ['get-token', '-p', 'app', '--scope', 'x', '--resource', 'y'],
      secretEnv,
      2,
      '--scope',
    ],
    ['no profile named among several', ['get-token'], secretEnv, 2, 'which profile'],
    [
      'an unknown profile, with the closest',
      ['get-token', '-p', 'ap'],
      {},
      3,
      "did you mean 'app'",
    ],
    ['an unknown flow', ['get-token', '-p', 'app', '-f', 'Password'], {}, 2, 'Password'],
    ['a person is needed', ['get-token', '-p', 'device'], {}, 5, 'tokencli get-token -p device'],
    [
      'a duration that is none',
      ['get-token', '-p', 'app', '--min-ttl', 'soon'],
      {},
      2,
      '--min-ttl',
    ],
    ['claims that are none', ['get-token', '-p', 'app', '--claims', 'x'], secretEnv, 2, '--claims'],
    [
      'claims of no shape',
      ['get-token', '-p', 'app', '--claims', '{"id_token":5}'],
      secretEnv,
      2,
      '--claims',
    ],
    [
      'a tenant that is none',
      ['get-token', '-p', 'app', '--tenant', 'a b'],
      secretEnv,
      2,
      'tenant',
    ],
    [
      'common by flag',
      ['get-token', '-p', 'app', '--tenant', 'common', '-f', 'ClientCredentials'],
      secretEnv,
      2,
      'common',
    ],
    ['common in the profile', ['get-token', '-p', 'common'], secretEnv, 9, 'common'],
    [
      'two resources by flag',
      [
        'get-token',
        '-p',
        'app',
        '-f',
        'ClientCredentials',
        '-s',
        `${GRAPH}/.default api://orders/.default`,
      ],
      secretEnv,
      2,
      'resource',
    ],
    ['two resources in the profile', ['get-token', '-p', 'two'], secretEnv, 9, 'resource'],
    ['a delegated scope in the profile', ['get-token', '-p', 'delegated'], secretEnv, 9, 'default'],
    ['a profile that is not valid', ['get-token', '-p', 'broken'], secretEnv, 9, 'clientId'],
    [
      'no credential',
      ['get-token', '-p', 'app', '-f', 'ClientCredentials'],
      {},
      5,
      'tokencli config edit',
    ],
    [
      'no certificate',
      ['get-token', '-p', 'bare', '-f', 'ClientCredentials'],
      {},
      5,
      'tokencli config edit',
    ],
    [
      'a secret and a certificate at once',
      ['get-token', '-p', 'app'],
      { ...secretEnv, TOKENCLI_CLIENT_CERTIFICATE_PATH: 'x' },
      2,
      'both',
    ],
    [
      'a wrong secret',
      ['get-token', '-p', 'app', '--force-refresh'],
      { TOKENCLI_CLIENT_SECRET: 'wrong-one' },
      4,
      'correlation id',
    ],
    ['an expired secret', ['get-token', '-p', 'late'], secretEnv, 4, 'expired'],
    ['an unknown client', ['get-token', '-p', 'stranger'], secretEnv, 4, appId('unregistered')],
    [
      'an unknown tenant',
      ['get-token', '-p', 'app', '--tenant', 'nobody.example'],
      secretEnv,
      4,
      'nobody.example',
    ],
    [
      'an unknown resource',
      ['get-token', '-p', 'app', '--resource', 'api://nowhere', '--no-cache'],
      secretEnv,
      4,
      'api://nowhere',
    ],
    [
      'a wrong PFX password',
      ['get-token', '-p', 'pfx'],
      { TOKENCLI_CLIENT_CERTIFICATE_PASSWORD: 'nope' },
      9,
      'password',
    ],
    ['a PFX without its password', ['get-token', '-p', 'pfx'], {}, 9, 'password'],
    ['an encrypted key without its password', ['get-token', '-p', 'encrypted'], {}, 9, 'password'],
    ['a key that does not match', ['get-token', '-p', 'mismatched'], {}, 9, 'belong'],
    ['a key of 1024 bits', ['get-token', '-p', 'weak'], {}, 9, '2048'],
    ['an EC key', ['get-token', '-p', 'elliptic'], {}, 9, 'RSA'],
    ['a file that is no certificate', ['get-token', '-p', 'garbage'], {}, 9, 'garbage.pem'],
    ['a file that is not there', ['get-token', '-p', 'missing'], {}, 9, 'nowhere.pem'],
    [
      'a server nobody vouches for',
      ['get-token', '-p', 'distrustful'],
      secretEnv,
      8,
      'certificate',
    ],
    [
      'a store that is none',
      ['get-token', '-p', 'app', '--force-refresh'],
      { ...secretEnv, TOKENCLI_STORE: 'cloud' },
      2,
      'TOKENCLI_STORE',
    ],
    [
      'checks of certificates switched off',
      ['get-token', '-p', 'app', '--force-refresh'],
      { ...secretEnv, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      2,
      'NODE_TLS_REJECT_UNAUTHORIZED',
    ],
    ['an empty token', ['inspect'], {}, 9, 'empty'],
    ['a token that is none', ['inspect', '-t', 'a b'], {}, 9, 'token'],
  ];
  it.each(bad)('%s', async (_title, args, env, code, reason) => {
    const result = await stage.run(args, { env });
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err).toContain(reason);
    const asJson = await stage.run([...args, '--json'], { env });
    if (args[0] === 'get-token' && args.at(-1) !== '-p') {
      expect([asJson.code, asJson.out]).toEqual([code, '']);
      // nothing but the object is there to be read
      expect(JSON.parse(asJson.err)).toMatchObject({ exitCode: code });
    }
  });

  it('checks before the network: none of the mistakes above that are ours cost a request', async () => {
    const before = idp.requests.length;
    for (const name of ['common', 'two', 'delegated', 'weak', 'mismatched', 'elliptic']) {
      await stage.run(['get-token', '-p', name], {
        env: name.length < 4 || name === 'common' ? secretEnv : {},
      });
    }
    expect(idp.requests.length).toBe(before);
  });
});

describe('-o', () => {
  const refused: readonly [string, () => string][] = [
    ['a folder', () => stage.folder],
    [
      'a symbolic link',
      () => {
        const path = join(stage.folder, 'link');
        symlinkSync(stage.file('behind', 'old'), path);
        return path;
      },
    ],
    [
      'a FIFO',
      () => {
        const path = join(stage.folder, 'fifo');
        spawnSync('mkfifo', [path]);
        return path;
      },
    ],
    ['a device', () => '/dev/null'],
    ['a folder that is not there', () => join(stage.folder, 'no', 'file')],
    ["tokencli's own folder", () => join(stage.home, '.tokencli', 'profiles.json')],
  ];
  it.each(refused)('refuses %s before anything is asked', async (_title, make) => {
    const path = make();
    const before = idp.requests.length;
    const { code, out, err } = await stage.run(
      ['get-token', '-p', 'app', '--force-refresh', '-o', path],
      { env: secretEnv },
    );
    expect([code, out, idp.requests.length]).toEqual([10, '', before]);
    expect(err).toContain(path);
  });

  it('replaces a regular file', async () => {
    mkdirSync(join(stage.folder, 'deep'));
    const path = join(stage.folder, 'deep', 'token');
    for (const _time of [1, 2]) {
      const { code } = await stage.run(['get-token', '-p', 'app', '--no-cache', '-o', path], {
        env: secretEnv,
      });
      expect([code, readFileSync(path, 'utf8')]).toEqual([0, `${idp.issued.at(-1)}\n`]);
    }
  });
});
