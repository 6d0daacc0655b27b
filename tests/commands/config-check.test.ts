import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startDeadline } from '../../src/core/deadline.ts';
import { readProfiles } from '../../src/profiles/store.ts';
import { openProfileCache } from '../../src/usecases/token/profile-cache.ts';
import { appId } from '../support/app-id.ts';
import { createCertificateWorkshop } from '../support/certificates.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY + 60_000).toISOString();
const secret = (expiresOn?: string, id = 'a') => ({
  kind: 'clientSecret',
  id: id.repeat(32),
  store: 'keyring',
  ...(expiresOn && { expiresOn }),
});
const profile = (name: string, fields: object = {}) => ({
  name,
  clientId: appId('app'),
  ...fields,
});

const workshop = createCertificateWorkshop();
beforeAll(() => {
  workshop.selfSigned('long', { days: 400 });
  workshop.selfSigned('short', { days: 10 });
  workshop.pfx('locked', 'long', ['long'], ['-passout', 'pass:the password']);
});
afterAll(() => workshop.remove());

let test: TestApp;
beforeEach(() => {
  test = createTestApp();
  // the store is not asked for what is recorded
  test.stores.keyring.state = 'locked';
});
afterEach(() => test.remove());

const check = (...words: string[]) => test.cli(['config', 'check', ...words]);
const write = (...profiles: object[]) => test.writeProfiles({ profiles });
const pem = (name: string) =>
  test.file(`${name}.pem`, workshop.text(`${name}.key`) + workshop.text(`${name}.crt`));

describe('config check', () => {
  it('is well when nothing ends soon', async () => {
    write(profile('ci', { credentials: [secret(inDays(100))] }));
    const { code, out, err } = await check();
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(
      `PROFILE  WHAT           ENDS        STATUS\nci       client secret  ${inDays(100).slice(0, 10)}  ok, 100 days left\n`,
    );
  });

  it.each<[string, object, number, string]>([
    [
      'a secret that ends soon',
      { credentials: [secret(inDays(29))] },
      6,
      'ends soon: 29 days left',
    ],
    ['a secret that ends today', { credentials: [secret(inDays(0))] }, 6, 'ends within a day'],
    ['a secret that has ended', { credentials: [secret(inDays(-1))] }, 6, 'ended'],
    ['a secret of which nobody knows', { credentials: [secret()] }, 0, 'no end is recorded'],
    ['nobody but a person', {}, 0, 'nothing that ends'],
    [
      'an imported certificate that ends soon',
      { credentials: [{ ...secret(inDays(3)), kind: 'certificate' }] },
      6,
      'ends soon: 3 days left',
    ],
  ])('%s', async (_, fields, code, status) => {
    write(profile('ci', fields));
    const result = await check('-p', 'ci');
    expect(result.code).toBe(code);
    expect(result.out).toContain(status);
  });

  it('reads certificate files', async () => {
    write(
      profile('long', { certificatePath: pem('long') }),
      profile('short', { certificatePath: pem('short'), useCertificate: true }),
    );
    expect(await check('-p', 'long')).toMatchObject({ code: 0 });
    const { code, out } = await check('-p', 'short');
    expect(code).toBe(6);
    expect(out).toMatch(/short +certificate +\d{4}-\d\d-\d\d +ends soon: 9 days left\n/);
    expect((await check('-p', 'short', '--warn-days', '5')).code).toBe(0);
  });

  it('a certificate that is not valid yet is not well, but where another one is', async () => {
    const from = new Date(Date.now() + 10 * DAY);
    workshop.dated('young', 'long', from, new Date(Date.now() + 400 * DAY));
    const path = test.file('young.pem', workshop.text('long.key') + workshop.text('young.crt'));
    write(profile('ci', { certificatePath: path }));
    expect(await check()).toMatchObject({ code: 6, out: expect.stringContaining('not valid yet') });
    expect(JSON.parse((await check('--json')).out).profiles[0].items).toMatchObject([
      { kind: 'certificate', status: 'notYet' },
    ]);
    const renewed = workshop.text('long.crt') + workshop.text('young.crt');
    const both = test.file('both.pem', workshop.text('long.key') + renewed);
    write(profile('ci', { certificatePath: both }));
    expect((await check()).code).toBe(0);
  });

  it('opens a certificate file with the stored password', async () => {
    const password = { ...secret(), kind: 'certificatePassword' };
    const path = test.file('locked.pfx', workshop.bytes('locked.pfx'));
    write(profile('ci', { certificatePath: path, credentials: [password] }));
    const locked = await check();
    expect(locked.code).toBe(7);
    expect(locked.out).toContain('cannot be read');
    expect(locked.err).toContain('warning: ci: the store is locked');
    test.stores.keyring.state = 'works';
    test.stores.keyring.entries.set(`certificatePassword:${password.id}`, 'the password');
    expect(await check()).toMatchObject({ code: 0, err: '' });
  });

  it('names a file that cannot be read, and that is not well', async () => {
    write(profile('ci', { certificatePath: '/gone.pfx' }));
    const { code, out, err } = await check('--json');
    expect(code).toBe(9);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      profiles: [{ name: 'ci', items: [{ status: 'unreadable', problem: expect.any(String) }] }],
    });
    expect(err).toBe('');
  });

  describe('of a person who signs in', () => {
    const user = profile('user', { flow: 'DeviceCode' });
    const signIn = async (refreshTokenExpiresOn?: number) => {
      test.stores.keyring.state = 'works';
      write(user);
      const app = test.app();
      const cache = await openProfileCache(app, {
        file: await readProfiles(app.paths),
        profile: user,
        deadline: startDeadline(5, app.interrupted),
      });
      const session = {
        record: 'session' as const,
        root: 'https://login.microsoftonline.com',
        clientId: appId('app'),
        confidential: false,
        account: { id: 'me' },
        refreshToken: 'the refresh token',
        signedInOn: 1,
        renewedOn: 1,
        ...(refreshTokenExpiresOn !== undefined && { refreshTokenExpiresOn }),
      };
      await cache.save({ session });
    };

    it('tells when the refresh token ends, and never what it is', async () => {
      await signIn(Date.now() / 1000 + 86_400 * 5.5);
      const { code, out, err } = await check();
      expect(code).toBe(6);
      expect(out).toMatch(/user +refresh token +\d{4}-\d\d-\d\d +ends soon: 5 days left\n/);
      expect(out + err).not.toContain('the refresh token');
      expect((await check('--warn-days', '5')).code).toBe(0);
    });

    it('is well where nobody says when it ends', async () => {
      await signIn();
      const { code, out } = await check();
      expect(code).toBe(0);
      expect(out).toMatch(/user +refresh token +- +no end is recorded\n/);
    });

    it('cannot tell while the store is locked', async () => {
      await signIn(1);
      expect((await check()).code).toBe(6);
      test.stores.keyring.state = 'locked';
      expect((await check()).code).toBe(7);
    });
  });

  it('leaves a file aside that is not used', async () => {
    write(profile('ci', { certificatePath: '/gone.pfx', credentials: [secret(inDays(99))] }));
    expect((await check()).code).toBe(0);
  });

  it('is well during a rollover as long as one credential is', async () => {
    const old = secret(inDays(-3), 'b');
    write(profile('ci', { credentials: [old, secret(inDays(300))] }));
    const { code, out } = await check('--json');
    expect(code).toBe(0);
    const [{ items }] = JSON.parse(out).profiles;
    expect(items.map(({ status }: { status: string }) => status)).toEqual(['ok', 'ended']);
    write(profile('ci', { credentials: [old, secret(inDays(20))] }));
    expect((await check()).code).toBe(6);
  });

  it('looks at all, and answers as one document', async () => {
    write(
      profile('well', { credentials: [secret(inDays(100))] }),
      profile('ill', { credentials: [secret(inDays(2), 'b')] }),
    );
    const { code, out, err } = await check('--all', '--json', '--warn-days', '14');
    expect([code, err]).toEqual([6, '']);
    expect(JSON.parse(out)).toEqual({
      warnDays: 14,
      ok: false,
      profiles: [
        {
          name: 'well',
          items: [
            {
              kind: 'client secret',
              place: 'keyring',
              endsOn: expect.stringMatching(/^\d{4}-.*Z$/),
              daysLeft: 100,
              status: 'ok',
            },
          ],
        },
        { name: 'ill', items: [expect.objectContaining({ daysLeft: 2, status: 'endsSoon' })] },
      ],
    });
  });

  it('tells what ends before what cannot be read', async () => {
    write(
      profile('a', { certificatePath: '/gone' }),
      profile('b', { credentials: [secret(inDays(1))] }),
    );
    expect((await check('--all')).code).toBe(6);
  });

  it('counts a broken profile as not well', async () => {
    write(profile('well'), { name: 'broken' });
    const { code, err } = await check('--all');
    expect(code).toBe(9);
    expect(err).toContain('warning: profiles[1].clientId: is missing');
    const asData = await check('--all', '--json');
    expect([asData.code, asData.err]).toEqual([9, '']);
    expect(JSON.parse(asData.out)).toMatchObject({ ok: false, broken: [{ name: 'broken' }] });
  });

  it.each<[string, string[], number, string]>([
    ['a number of days that is none', ['--warn-days', 'soon'], 2, 'is a whole number'],
    ['too large a one', ['--warn-days', '100000'], 2, 'from 0 to 99999, not "100000"'],
    ['a negative one', ['--warn-days=-1'], 2, 'is a whole number'],
    ['a name and all', ['-p', 'well', '--all'], 2, 'not both'],
    ['an unknown profile', ['-p', 'wel'], 3, "did you mean 'well'?"],
  ])('refuses %s', async (_, words, code, message) => {
    write(profile('well'));
    const result = await check(...words);
    expect([result.code, result.out]).toEqual([code, '']);
    expect(result.err).toContain(message);
  });

  it('needs a profile', async () => {
    expect(await check('--all')).toMatchObject({ code: 3, out: '' });
    expect(await check()).toMatchObject({ code: 3, out: '' });
  });
});
