import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startDeadline } from '../../../src/core/deadline.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { Credential } from '../../../src/core/oauth.ts';
import type { App } from '../../../src/core/ports.ts';
import { toPemBundle } from '../../../src/entra/choose-certificate.ts';
import type { CredentialRef, Profile } from '../../../src/profiles/schema.ts';
import { readProfiles } from '../../../src/profiles/store.ts';
import { openVault } from '../../../src/secrets/vault.ts';
import { findCredential } from '../../../src/usecases/credentials/credential-source.ts';
import { loadCertificateFile } from '../../../src/usecases/credentials/parse-certificate.ts';
import {
  tryCredentials,
  whileRotating,
} from '../../../src/usecases/credentials/try-credentials.ts';
import { appId } from '../../support/app-id.ts';
import { createCertificateWorkshop } from '../../support/certificates.ts';
import { createTestApp } from '../../support/test-app.ts';

const DAY = 86_400_000;
const shop = createCertificateWorkshop();
const world = createTestApp();
const warnings: string[] = [];
let app: App;

beforeAll(() => {
  for (const name of ['old', 'new', 'file']) {
    shop.selfSigned(name);
    world.file(`${name}.pem`, shop.text(`${name}.key`) + shop.text(`${name}.crt`));
  }
});
beforeEach(() => {
  warnings.length = 0;
  const plain = world.app();
  app = { ...plain, log: { ...plain.log, warn: (line) => void warnings.push(line) } };
});
afterAll(() => {
  shop.remove();
  world.remove();
});

async function stored(name: string, expiresIn = 365): Promise<CredentialRef> {
  const value = toPemBundle(await loadCertificateFile(app, `${name}.pem`, ''));
  const id = await openVault(world.stores.keyring).save('certificate', value);
  const expiresOn = new Date(Date.now() + expiresIn * DAY).toISOString();
  return { id, kind: 'certificate', store: 'keyring', expiresOn };
}

const rolling = async (fields: Partial<Profile> = {}): Promise<Profile> => ({
  name: 'app',
  clientId: appId('x'),
  useCertificate: true,
  credentials: [await stored('old'), await stored('new')],
  ...fields,
});

const subjectOf = (credential: Credential) => {
  if (credential.kind === 'assertion') return 'assertion';
  return credential.kind === 'certificate' ? credential.subject : credential.secret;
};

/** Asks a provider that refuses some of the credentials. */
async function ask(profile: Profile, refused: Record<string, number | string> = {}) {
  const tried: string[] = [];
  const source = findCredential(app, profile);
  const deadline = startDeadline(20, app.interrupted);
  const answer = tryCredentials(app, profile, source, deadline, async (credential) => {
    const subject = subjectOf(await credential());
    tried.push(subject);
    const why = refused[subject];
    if (why === undefined) return subject;
    const details = typeof why === 'number' ? { aadsts: why } : { oauthError: why };
    throw new CliError('auth_failed', `refused ${subject}`, details);
  });
  return { tried, answer: await answer.catch((error: unknown) => error) };
}

describe('during a rollover', () => {
  it('the newest certificate is used, and nothing is said', async () => {
    expect(await ask(await rolling())).toEqual({ tried: ['CN=new'], answer: 'CN=new' });
    expect(warnings).toEqual([]);
  });

  it.each([700027, 7000222, 7000215, 'invalid_client'])(
    'the one before it serves on %s, with a warning',
    async (why) => {
      const result = await ask(await rolling(), { 'CN=new': why });
      expect(result).toEqual({ tried: ['CN=new', 'CN=old'], answer: 'CN=old' });
      expect(warnings).toEqual([
        expect.stringMatching(
          /^the newest certificate \(until \d{4}-\d\d-\d\d\) cannot be used, trying the older one: refused CN=new$/,
        ),
      ]);
    },
  );

  it.each([700016, 90002, 'invalid_grant'])('it does not on %s', async (why) => {
    const { tried, answer } = await ask(await rolling(), { 'CN=new': why });
    expect(tried).toEqual(['CN=new']);
    expect(answer).toMatchObject({ message: 'refused CN=new' });
  });

  it('an expired one and one that is gone from the store are passed over', async () => {
    const gone = { id: 'f'.repeat(32), kind: 'certificate', store: 'keyring' } as const;
    const expired = { credentials: [await stored('old'), await stored('new', -1)] };
    expect((await ask(await rolling(expired))).tried).toEqual(['CN=old']);
    expect(warnings).toEqual([]);
    const lost = { credentials: [await stored('old'), gone] };
    expect((await ask(await rolling(lost))).tried).toEqual(['CN=old']);
    expect(warnings).toEqual([expect.stringContaining('is gone from the memory')]);
  });

  it('a file is the last to be tried, and no reason to fail when it is not there', async () => {
    const profile = await rolling({ certificatePath: 'file.pem' });
    const refused = { 'CN=new': 700027, 'CN=old': 700027 };
    expect((await ask(profile, refused)).tried).toEqual(['CN=new', 'CN=old', 'CN=file']);
    const missing = await ask({ ...profile, certificatePath: 'nowhere.pem' }, refused);
    expect(missing.tried).toEqual(['CN=new', 'CN=old']);
    expect(missing.answer).toMatchObject({ message: 'refused CN=new' });
  });

  it('the failure of the newest is the one that is told', async () => {
    const { answer } = await ask(await rolling(), { 'CN=new': 700027, 'CN=old': 7000222 });
    expect(answer).toMatchObject({ message: 'refused CN=new' });
  });

  it('a client secret serves while a newer certificate does not, unless the profile says which', async () => {
    const vault = openVault(world.stores.keyring);
    const id = await vault.save('clientSecret', 'one');
    const credentials = [
      { kind: 'clientSecret', store: 'keyring', id } as const,
      await stored('new'),
    ];
    const profile = { name: 'app', clientId: appId('x'), credentials };
    const refused = { 'CN=new': 700027 };
    expect((await ask(profile, refused)).tried).toEqual(['CN=new', 'one']);
    expect((await ask({ ...profile, useCertificate: true }, refused)).tried).toEqual(['CN=new']);
    expect((await ask({ ...profile, useCertificate: false })).tried).toEqual(['one']);
  });

  it('a client secret of before serves as well', async () => {
    const vault = openVault(world.stores.keyring);
    const secret = async (value: string) =>
      ({
        kind: 'clientSecret',
        store: 'keyring',
        id: await vault.save('clientSecret', value),
      }) as const;
    const credentials = [await secret('one'), await secret('two')];
    const { tried } = await ask(
      { name: 'app', clientId: appId('x'), credentials },
      { two: 7000215 },
    );
    expect(tried).toEqual(['two', 'one']);
  });

  it('the fingerprint is that of all of them, in any order', async () => {
    const [first, second] = [await stored('old'), await stored('new')];
    const print = async (credentials: CredentialRef[]) =>
      findCredential(app, await rolling({ credentials })).fingerprint;
    expect(await print([first, second])).toBe(await print([second, first]));
    expect(await print([first, second])).not.toBe(await print([second]));
  });
});

describe('a rotation in the middle of a call', () => {
  const write = (ids: readonly string[]) =>
    world.writeProfiles({
      profiles: [
        {
          name: 'app',
          clientId: appId('x'),
          credentials: ids.map((id) => ({ kind: 'clientSecret', store: 'keyring', id })),
        },
      ],
    });
  const idOf = (letter: string) => letter.repeat(32);

  async function call(failure: CliError, rotations: readonly string[]) {
    write([idOf('a')]);
    const file = await readProfiles(app.paths);
    const [profile] = file.profiles;
    if (!profile) throw new Error('there is no profile');
    const left = [...rotations];
    const used: (string | undefined)[] = [];
    const result = whileRotating(app, file, profile, async (_file, now) => {
      used.push(now.credentials?.[0]?.id[0]);
      const next = left.shift();
      if (next === undefined) return 'token';
      write([idOf(next)]);
      throw failure;
    });
    return { used, result: await result.catch((error: unknown) => error) };
  }
  const gone = new CliError('invalid_data', 'gone');

  it('is noticed, and the call done again with what is there now', async () => {
    expect(await call(gone, ['b'])).toEqual({ used: ['a', 'b'], result: 'token' });
    const refused = new CliError('auth_failed', 'refused', { aadsts: 7000215 });
    expect(await call(refused, ['b', 'c'])).toEqual({ used: ['a', 'b', 'c'], result: 'token' });
  });

  it('ends some time, and at once when nothing was rotated or something else failed', async () => {
    const many = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 'b' : 'a'));
    const { used, result } = await call(gone, many);
    expect([used.length, result]).toEqual([50, gone]);
    expect(await call(gone, ['a'])).toEqual({ used: ['a'], result: gone });
    const other = new CliError('network', 'down');
    expect(await call(other, ['b'])).toEqual({ used: ['a'], result: other });
  });
});
