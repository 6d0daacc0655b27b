import { connect } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { appId } from '../support/app-id.ts';
import { CHATTER } from '../support/opener.ts';
import { claimsOf } from '../support/sign-in-stage.ts';
import { ADA, BOB, createSignInWorld, GET, READ } from '../support/sign-in-world.ts';

const WRITE = 'api://orders/Orders.Write';
const world = createSignInWorld({ needsConsent: [WRITE] });

const signInAsAda = () => world.stage.signIn(GET, (link) => world.person.signIn(link, ADA));

describe('a sign-in with the browser', () => {
  it('gives a token, and tells the person in terminal and browser that it did', async () => {
    const { code, out, err } = await world.stage.signIn(GET, async (link) => {
      await world.person.signIn(link, { ...ADA, password: 'wrong' });
      await world.person.see('Your account or password is incorrect.');
      await world.person.enter(ADA);
      await world.person.see('You are signed in');
    });
    expect([code, out]).toEqual([0, world.latest()]);
    expect(claimsOf(out)).toMatchObject({ scp: 'User.Read', preferred_username: ADA.username });
    expect(err).toContain('Opening browser for authentication...');
    expect(err).toContain(`✓ Token acquired successfully for ${ADA.username}`);
    expect(world.grants()).toEqual(['authorization_code']);

    const again = await world.stage.run([...GET, '--silent']);
    expect(again).toMatchObject({ code: 0, out, err: '' });
    expect(world.grants()).toHaveLength(1);
  });

  it('sends PKCE, state and nonce, and no secret in any query', async () => {
    await signInAsAda();
    const link = new URL(world.stage.opener.opened()[0] ?? '');
    expect(Object.fromEntries(link.searchParams)).toMatchObject({
      client_id: appId('desktop'),
      response_type: 'code',
      redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+\/?$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^.{20,}$/),
      nonce: expect.stringMatching(/^.{20,}$/),
    });
    expect(link.searchParams.get('scope')?.split(' ').sort()).toEqual(
      [READ, 'offline_access', 'openid', 'profile'].sort(),
    );
  });

  it.each([
    ['--json', { FORCE_COLOR: '3' }],
    ['--debug', {}],
    ['--verbose', { FORCE_COLOR: '1', DEBUG: '*' }],
  ])('keeps stdout to the byte with %s and a browser that prints', async (flag, env) => {
    const { code, out, err } = await world.stage.signIn(
      [...GET, flag],
      (link) => world.person.signIn(link, ADA),
      { env },
    );
    const token = world.idp.issued.at(-1) ?? '';
    if (flag === '--json') expect(JSON.parse(out)).toMatchObject({ accessToken: token });
    else expect(out).toBe(`${token}\n`);
    expect(code).toBe(0);
    expect(err).not.toContain(CHATTER);
    expect(err).not.toContain(token);
  });

  it('that was cancelled is refused for good, in terminal and browser', async () => {
    const { code, out, err } = await world.stage.signIn(GET, async (link) => {
      await world.person.visit(link);
      await world.person.press('cancel');
      await world.person.see('The sign-in did not work');
    });
    expect([code, out]).toEqual([4, '']);
    expect(err).toMatch(/cancel|declined|denied/i);
    expect(world.grants()).toEqual([]);
  });

  it('whose browser insists on https is told so at once, and goes on', async () => {
    const { code, err } = await world.stage.signIn(GET, async (link) => {
      const { port } = new URL(new URL(link).searchParams.get('redirect_uri') ?? '');
      const socket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false });
      await new Promise((resolve) => socket.on('error', resolve));
      await world.person.signIn(link, ADA);
    });
    expect(code).toBe(0);
    expect(err).toContain('warning: the browser insists on https, but the redirect URI is http');
  });

  it('ends with --timeout when the tab was closed', async () => {
    const { code, out, err } = await world.stage.signIn(
      [...GET, '--timeout', '4s'],
      async (link) => {
        await world.person.visit(link);
        await world.person.closeTab();
      },
    );
    expect([code, out]).toEqual([8, '']);
    const { searchParams } = new URL(world.stage.opener.opened()[0] ?? '');
    expect(err).toContain('browser did not respond');
    expect(err).toContain('DeviceCode');
    expect(err).toContain(`http://localhost is a redirect URI of app ${appId('desktop')}`);
    expect(err).toContain(`port ${new URL(searchParams.get('redirect_uri') ?? '').port}`);
    await expect(fetch(searchParams.get('redirect_uri') ?? '')).rejects.toThrow();
  });

  it('needs a person: without one it says what to run', async () => {
    for (const args of [GET, [...GET, '--silent']]) {
      const { code, out, err } = await world.stage.run(args);
      expect([code, out]).toEqual([5, '']);
      expect(err).toContain('tokencli get-token -p me');
      expect(err).not.toContain('--silent');
    }
    expect(await world.stage.runAttended([...GET, '--silent'])).toMatchObject({ code: 5, out: '' });
    expect(world.stage.opener.opened()).toEqual([]);
    expect(world.grants()).toEqual([]);
  });
});

describe('CI at a terminal', () => {
  const open = async (CI: string) => {
    const terminal = await world.stage.open(GET, { CI, TERM: 'dumb' });
    return terminal;
  };

  it.each(['', '0', 'false', 'False', 'no', 'off'])(
    '%p is no CI: a person is asked',
    async (CI) => {
      const terminal = await open(CI);
      await terminal.waitFor('Opening browser for authentication...');
      terminal.type('\u0003');
      expect((await terminal.ended()).code).toBe(130);
      await terminal.close();
    },
  );

  it.each(['1', 'true', 'yes', 'github'])(
    '%p asks nobody, and the refusal says why',
    async (CI) => {
      const terminal = await open(CI);
      expect(await terminal.ended()).toEqual({ code: 5, out: '' });
      expect(terminal.screen()).toContain(
        "profile 'me' is not signed in; nobody is asked while CI is set; unset it, then: tokencli get-token -p me",
      );
      await terminal.close();
    },
  );

  it('is not the reason without a terminal, nor with --silent', async () => {
    const runs = [
      await world.stage.run(GET, { env: { CI: '1' } }),
      await world.stage.runAttended([...GET, '--silent']),
    ];
    for (const { code, err } of runs) {
      expect([code, err.includes('CI is set')]).toEqual([5, false]);
    }
  });
});

describe('consent', () => {
  const ORDERS = [...GET, '--scope', WRITE];

  it('declined is refused for good', async () => {
    const { code, out, err } = await world.stage.signIn(ORDERS, async (link) => {
      await world.person.signIn(link, ADA);
      await world.person.consent('decline');
      await world.person.see('The sign-in did not work');
    });
    expect([code, out]).toEqual([4, '']);
    expect(err).toContain('65004');
  });

  it('accepted gives the token', async () => {
    const { code, out } = await world.stage.signIn(ORDERS, async (link) => {
      await world.person.signIn(link, ADA);
      await world.person.consent('accept');
    });
    expect(code).toBe(0);
    expect(claimsOf(out)).toMatchObject({ aud: 'api://orders', scp: 'Orders.Write' });
  });

  it('that is missing for another resource needs a person', async () => {
    await world.stage.signIn(GET, (link) => world.person.signIn(link, BOB));
    const { code, out, err } = await world.stage.run([...ORDERS, '--silent']);
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain('65001');
    const allowed = await world.stage.signIn(ORDERS, (link) =>
      world.person.visit(link).then(() => world.person.consent('accept')),
    );
    expect(allowed.code).toBe(0);
  });
});
