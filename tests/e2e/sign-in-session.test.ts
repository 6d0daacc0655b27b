import { afterEach, describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { claimsOf } from '../support/sign-in-stage.ts';
import { ADA, BOB, createSignInWorld, GET } from '../support/sign-in-world.ts';

const redirectUris = ['http://localhost'];
const world = createSignInWorld({
  clients: [
    { id: appId('desktop'), redirectUris },
    { id: appId('other'), redirectUris },
  ],
  accessPolicies: [
    { resource: 'https://vault.example', number: 50076 },
    { resource: 'https://closed.example', number: 53003 },
  ],
  resources: [
    { uri: 'https://graph.microsoft.com', scopes: ['User.Read', 'Mail.Read'] },
    { uri: 'api://orders', scopes: ['Orders.Read', 'Orders.Write'] },
    { uri: 'https://vault.example', scopes: ['user_impersonation'] },
    { uri: 'https://closed.example', scopes: ['all'] },
  ],
});

const signInAsAda = () => world.stage.signIn(GET, (link) => world.person.signIn(link, ADA));

afterEach(() => {
  expect(world.idp.counts).toMatchObject({ reuses: 0, revocations: 0 });
});

describe('one sign-in, several resources', () => {
  it('buys the others with the same refresh token and keeps all of them', async () => {
    const first = await signInAsAda();
    const orders = await world.stage.run([...GET, '--scope', 'api://orders/Orders.Read']);
    const graph = await world.stage.run([...GET, '--resource', 'https://graph.microsoft.com/']);
    expect(claimsOf(orders.out)).toMatchObject({ aud: 'api://orders', scp: 'Orders.Read' });
    expect(claimsOf(graph.out)).toMatchObject({ aud: 'https://graph.microsoft.com/' });
    expect(world.grants()).toEqual(['authorization_code', 'refresh_token', 'refresh_token']);

    expect((await world.stage.run([...GET, '--silent'])).out).toBe(first.out);
    const same = await world.stage.run([...GET, '--silent', '--scope', 'api://orders/Orders.Read']);
    expect(same.out).toBe(orders.out);
    expect(world.grants()).toHaveLength(3);
  });

  it('tells whose tenant it was where the profile leaves it open', async () => {
    world.writeProfile({ tenantId: 'organizations' });
    const json = [...GET, '--json'];
    const first = await world.stage.signIn(json, (link) => world.person.signIn(link, ADA));
    expect(JSON.parse(first.out)).toMatchObject({ tenantId: world.idp.tenant });
    for (const more of [['--silent'], ['--force-refresh']]) {
      const { out } = await world.stage.run([...json, ...more]);
      expect(JSON.parse(out)).toMatchObject({
        tenantId: world.idp.tenant,
        account: ADA.username,
        fromCache: more[0] === '--silent',
      });
    }
  });

  it('does not serve one client with the tokens of another', async () => {
    await signInAsAda();
    world.writeProfile({ clientId: appId('other') });
    const { code, out, err } = await world.stage.run([...GET, '--silent']);
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain('tokencli get-token -p me');
    expect(world.grants()).toHaveLength(1);
  });

  it('asks the person for what conditional access wants', async () => {
    await signInAsAda();
    const scope = ['--scope', 'https://vault.example/user_impersonation'];
    const refused = await world.stage.run([...GET, ...scope, '--silent']);
    expect([refused.code, refused.out]).toEqual([5, '']);
    expect(refused.err).toContain('50076');
    const met = await world.stage.signIn([...GET, ...scope], (link) => world.person.visit(link));
    expect(met.code).toBe(0);
    expect(claimsOf(met.out)).toMatchObject({ aud: 'https://vault.example' });
    // nobody renewed in between, so what was refused is not sent twice
    expect(world.grants()).toEqual([
      'authorization_code',
      'refresh_token',
      'refresh_token',
      'authorization_code',
    ]);
  });
});

describe('a policy that no sign-in meets', () => {
  const CLOSED = [...GET, '--scope', 'https://closed.example/all'];

  it('is told in terminal and browser', async () => {
    const { code, out, err } = await world.stage.signIn(CLOSED, async (link) => {
      await world.person.signIn(link, ADA);
      await world.person.see('The sign-in did not work');
    });
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('AADSTS53003');
  });

  it('does not cost the sign-in there is', async () => {
    const first = await signInAsAda();
    const refused = await world.stage.run([...CLOSED, '--silent']);
    expect([refused.code, refused.out]).toEqual([4, '']);
    expect(refused.err).toContain('AADSTS53003');
    expect((await world.stage.run([...GET, '--silent'])).out).toBe(first.out);
    expect((await world.stage.run(['refresh', '-p', 'me'])).code).toBe(0);
  });
});

describe('the account of a profile', () => {
  it('is not changed by somebody else who signs in', async () => {
    const first = await signInAsAda();
    const again = [...GET, '--force-refresh', '--prompt', 'login'];
    const { code, out, err } = await world.stage.signIn(again, async (link) => {
      await world.person.signIn(link, BOB);
      await world.person.see('The sign-in did not work');
    });
    expect(out).toBe('');
    expect(code).toBe(4);
    expect(err).toContain(BOB.username);
    expect(err).toContain(ADA.username);
    expect((await world.stage.run([...GET, '--silent'])).out).toBe(first.out);
  });

  it('is proposed to the provider', async () => {
    await world.stage.signIn([...GET, '--login-hint', ADA.username], async (link) => {
      await world.person.visit(link);
      expect(await world.person.page().inputValue('[name=username]')).toBe(ADA.username);
      await world.person.enter(ADA);
    });
    expect(world.stage.opener.opened()[0]).toContain('login_hint=ada%40example.test');
  });

  it('is forgotten by logout', async () => {
    await signInAsAda();
    expect(await world.stage.run(['logout', '-p', 'me'])).toMatchObject({ code: 0 });
    expect(await world.stage.run([...GET, '--silent'])).toMatchObject({ code: 5, out: '' });
    const bob = await world.stage.signIn([...GET, '--prompt', 'login'], (link) =>
      world.person.signIn(link, BOB),
    );
    expect(claimsOf(bob.out)).toMatchObject({ preferred_username: BOB.username });
  });
});

describe('refresh', () => {
  it('replaces the token and the refresh token', async () => {
    const first = await signInAsAda();
    const { code, out, err } = await world.stage.run(['refresh', '-p', 'me']);
    expect([code, out]).toEqual([0, world.latest()]);
    expect(out).not.toBe(first.out);
    expect(err).toContain("Refreshing token for profile 'me'...");
    expect(err).toContain('✓ Token refreshed successfully for ');
    expect((await world.stage.run([...GET, '--silent'])).out).toBe(out);
    expect((await world.stage.run(['refresh', '-p', 'me', '--silent'])).code).toBe(0);
    expect(world.grants()).toEqual(['authorization_code', 'refresh_token', 'refresh_token']);
  });

  it('forgets a dead refresh token', async () => {
    await signInAsAda();
    await world.idp.revoke(ADA.username);
    const { code, out, err } = await world.stage.run(['refresh', '-p', 'me']);
    expect([code, out]).toEqual([6, '']);
    expect(err).toContain('50173');
    const again = await world.stage.run(['refresh', '-p', 'me']);
    expect(again).toMatchObject({ code: 6, out: '' });
    expect(again.err).toContain('tokencli get-token -p me --force-refresh');
    expect(world.grants()).toEqual(['authorization_code', 'refresh_token']);
  });
});
