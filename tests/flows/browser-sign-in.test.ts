import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Deadline, startDeadline, unlessAborted } from '../../src/core/deadline.ts';
import { CliError } from '../../src/core/errors.ts';
import type { ListenOptions, Redirect } from '../../src/core/interaction.ts';
import type { AuthorizationRequest, CodeRequest, TokenRequest } from '../../src/core/oauth.ts';
import { resolveAuthority } from '../../src/entra/authority.ts';
import type { FlowContext } from '../../src/flows/flow.ts';
import { acquireToken } from '../../src/flows/index.ts';
import { createFakePrompter } from '../support/fake-prompter.ts';
import { createNetworkApp } from '../support/network-app.ts';

const TOKEN = { accessToken: 'a', expiresOn: 1, tokenType: 'Bearer', scopes: ['User.Read'] };
const LINK = 'https://login.example/authorize?x=1';
const notAsked = () => Promise.reject(new Error('nobody asks for this here'));

/** What happened, in order. */
let events: string[];
let wishes: ListenOptions[];
let authorizations: AuthorizationRequest[];
let codes: CodeRequest[];
/** What comes back from the sign-in. */
let parameters: Record<string, string>;
let redeemed: typeof TOKEN | CliError;
let reason: string | undefined;
let opens: boolean;
let deadline: Deadline;
let answers: string[];

beforeEach(() => {
  events = [];
  wishes = [];
  authorizations = [];
  codes = [];
  parameters = { code: 'the-code' };
  redeemed = TOKEN;
  reason = undefined;
  opens = true;
  deadline = startDeadline(5, new AbortController().signal);
  answers = [];
});

const request: TokenRequest = {
  flow: 'InteractiveBrowser',
  authority: resolveAuthority({ tenantId: 'contoso.example' }),
  tenantId: 'contoso.example',
  clientId: 'the-app',
  scopes: ['User.Read'],
  sendX5c: false,
  thumbprint: 'sha256',
};

/** @param waits nothing comes back from the sign-in */
function context(changes: Partial<FlowContext> = {}, waits = false): FlowContext {
  const { log } = createNetworkApp().app;
  const redirect: Redirect = {
    get parameters() {
      return parameters;
    },
    answer: async (page) => {
      events.push(`page: ${page}`);
    },
  };
  return {
    profile: { name: 'prof' },
    options: { useBrowser: true },
    command: 'tokencli get-token -p prof',
    log: { ...log, say: (line) => events.push(line), done: (line) => events.push(`✓ ${line}`) },
    deadline,
    credential: async () => undefined,
    tokenClient: async () => ({
      clientCredentials: notAsked,
      deviceCode: notAsked,
      refresh: notAsked,
      authorizationLink: async (each) => {
        authorizations.push(each);
        return { url: LINK, issuer: 'https://login.example' };
      },
      redeemCode: async (each) => {
        codes.push(each);
        events.push('redeemed');
        if (redeemed instanceof CliError) throw redeemed;
        return redeemed;
      },
    }),
    loopback: async () => ({
      listen: async (wish) => {
        wishes.push(wish);
        events.push('listening');
        return {
          redirectUri: `${wish.redirectUri.replace(/:\d+$/, '')}:4711`,
          redirect: ({ signal }) =>
            unlessAborted(signal, waits ? new Promise(() => {}) : Promise.resolve(redirect)),
          close: async () => {
            events.push('closed');
          },
        };
      },
    }),
    browser: async () => ({
      reasonNotToOpen: (command) => (command ? undefined : reason),
      isElsewhere: (command) => !command && reason !== undefined,
      open: async (url, _command, hidden = []) => {
        events.push(['open', url, ...hidden.map((name) => `without ${name}`)].join(' '));
        return opens;
      },
    }),
    progress: async () => ({ start: () => () => {} }),
    prompter: async () => createFakePrompter(answers),
    ...changes,
  };
}

const registered = (redirectUri: string): Partial<FlowContext> => ({
  profile: { name: 'prof', redirectUri },
});

const failure = (asked = request, how = context()): Promise<CliError> =>
  acquireToken(asked, how).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => error as CliError,
  );

describe('InteractiveBrowser', () => {
  it('shows the link before it opens, and the page after the code was redeemed', async () => {
    expect(await acquireToken(request, context())).toEqual(TOKEN);
    expect(events).toEqual([
      'listening',
      'Opening browser for authentication...',
      LINK,
      'Redirect URI: http://localhost:4711',
      `open ${LINK}`,
      '✓ Authorization code received',
      'redeemed',
      'page: success',
      'closed',
    ]);
  });

  it('ties the answer to the question', async () => {
    const options = { prompt: 'login', useBrowser: true };
    await acquireToken({ ...request, loginHint: 'ada' }, context({ options }));
    const [asked] = authorizations;
    const [code] = codes;
    expect(asked).toMatchObject({
      state: wishes[0]?.state,
      redirectUri: 'http://localhost:4711',
      responseMode: 'form_post',
      prompt: 'login',
      loginHint: 'ada',
    });
    expect(code).toMatchObject({ code: 'the-code', redirectUri: asked?.redirectUri });
    expect(code?.nonce).toBe(asked?.nonce);
    expect(code?.codeVerifier).toMatch(/^[\w-]{43}$/);
    const challenge = createHash('sha256')
      .update(code?.codeVerifier ?? '')
      .digest('base64url');
    expect(asked?.codeChallenge).toBe(challenge);
    await acquireToken(request, context());
    for (const name of ['state', 'nonce', 'codeChallenge'] as const) {
      expect(authorizations[1]?.[name]).not.toBe(asked?.[name]);
    }
  });

  it.each<[string, string | undefined, 'login' | 'default' | undefined, unknown, unknown]>([
    ['nobody says', undefined, undefined, undefined, 'consent'],
    ['the flag says', 'select_account', undefined, 'select_account', 'select_account'],
    ['the profile says', undefined, 'login', 'login', 'login'],
    ['the flag says otherwise', 'consent', 'login', 'consent', 'consent'],
    ['the flag says default', 'default', 'login', undefined, undefined],
    ['the profile says default', undefined, 'default', undefined, undefined],
    ['the profile says default, the flag not', 'login', 'default', 'login', 'login'],
  ])('the prompt where %s', async (_, flag, own, atEntra, elsewhere) => {
    const how = context({
      options: { useBrowser: true, ...(flag !== undefined && { prompt: flag }) },
      profile: { name: 'prof', ...(own && { prompt: own }) },
    });
    const settings = {
      authority: 'https://id.example/a',
      protocol: 'oidc',
      tenantId: 'x',
    } as const;
    await acquireToken(request, how);
    await acquireToken({ ...request, authority: resolveAuthority(settings) }, how);
    expect(authorizations.map(({ prompt }) => prompt)).toEqual([atEntra, elsewhere]);
  });

  it.each<[string, Partial<FlowContext>, Partial<TokenRequest>, string]>([
    ['any port', {}, {}, 'http://localhost'],
    ['the registered path', registered('http://localhost:8080/in'), {}, 'http://localhost/in'],
    ['the registered literal', registered('http://127.0.0.1/in'), {}, 'http://127.0.0.1/in'],
    ['nothing elsewhere', registered('https://app.example/in'), {}, 'http://localhost'],
    [
      'the port of a generic issuer',
      registered('http://localhost:8080/in'),
      {
        authority: resolveAuthority({
          authority: 'https://id.example/a',
          protocol: 'oidc',
          tenantId: 'common',
        }),
      },
      'http://localhost:8080/in',
    ],
  ])('listens on %s', async (_, how, changes, redirectUri) => {
    await acquireToken({ ...request, ...changes }, context(how));
    expect(wishes[0]?.redirectUri).toBe(redirectUri);
  });

  it('shows the failure page when the code was not redeemed', async () => {
    redeemed = new CliError('auth_failed', 'no', { aadsts: 7000218 });
    expect((await failure()).message).toContain('AADSTS7000218');
    expect(events.slice(-3)).toEqual(['redeemed', 'page: failure', 'closed']);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a refusal', { error: 'access_denied', error_description: 'AADSTS65004: no' }, '65004'],
    ['another issuer', { code: 'x', iss: 'https://evil.example' }, 'another issuer'],
    ['nothing', {}, 'no authorization code'],
  ])('redeems nothing after %s', async (_, came, text) => {
    parameters = came;
    const error = await failure();
    expect(error.code).toBe('auth_failed');
    expect(error.message).toContain(text);
    expect(codes).toEqual([]);
    expect(events.slice(-2)).toEqual(['page: failure', 'closed']);
  });

  it('says what to look at when the browser did not respond', async () => {
    deadline = startDeadline(0.05, new AbortController().signal);
    const error = await failure(request, context({}, true));
    expect(error).toMatchObject({ code: 'network', message: expect.stringContaining('browser') });
    for (const word of ['-f DeviceCode', 'http://localhost is', 'port 4711', 'the-app']) {
      expect(error.details.hint).toContain(word);
    }
    expect(events.at(-1)).toBe('closed');
  });

  it('ends with the reason of an interrupt', async () => {
    const interrupt = new AbortController();
    deadline = startDeadline(5, interrupt.signal);
    const ended = failure(request, context({}, true));
    interrupt.abort(new CliError('interrupted', 'interrupted'));
    expect((await ended).code).toBe('interrupted');
    expect(events.at(-1)).toBe('closed');
  });

  it('opens nothing where there is no browser, or nobody wants one', async () => {
    reason = 'an SSH session';
    await acquireToken(request, context());
    await acquireToken(request, context({ options: { useBrowser: false } }));
    expect(events.filter((event) => event.startsWith('open'))).toEqual([]);
    expect(events).toContain('No browser is opened in an SSH session.');
    expect(events.join('\n')).toContain('ssh -L 4711:localhost:4711');
  });

  it("opens the profile's own browser whatever speaks against it", async () => {
    reason = 'a container';
    const profile = { name: 'prof', browserCommand: ['firefox'] };
    await acquireToken(request, context({ profile }));
    expect(events).toContain(`open ${LINK}`);
  });

  it('keeps the variable from the browser in which the profile has its credential', async () => {
    const profile = { name: 'prof', clientSecretFrom: { env: 'MYAPP_TOKEN' } };
    await acquireToken(request, context({ profile }));
    expect(events).toContain(`open ${LINK} without MYAPP_TOKEN`);
  });

  it('goes on when no browser starts', async () => {
    opens = false;
    expect(await acquireToken(request, context())).toEqual(TOKEN);
  });
});

describe('AuthorizationCode', () => {
  const flow = 'AuthorizationCode';

  it('uses the registered address', async () => {
    await acquireToken({ ...request, flow }, context());
    await acquireToken({ ...request, flow }, context(registered('http://localhost:9/x')));
    expect(wishes.map(({ redirectUri }) => redirectUri)).toEqual([
      'http://localhost:8080',
      'http://localhost:9/x',
    ]);
  });

  it('offers pasting where the app has a credential: the device flow is for public clients', async () => {
    deadline = startDeadline(0.05, new AbortController().signal);
    const credential = async () => ({ kind: 'secret', secret: 'a secret' }) as const;
    const { hint } = (await failure({ ...request, flow }, context({ credential }, true))).details;
    expect(hint).toContain('tokencli get-token -p prof --no-browser, and paste');
    expect(hint).not.toContain('DeviceCode');
  });

  it('takes what a person pastes, once it is right', async () => {
    const asked = context({ options: { useBrowser: false } }, true);
    answers = ['rubbish', 'http://localhost:4711/?code=x&state=other', '0123456789abcdef-code'];
    await acquireToken({ ...request, flow }, asked);
    expect(codes[0]?.code).toBe('0123456789abcdef-code');
    expect(authorizations[0]?.responseMode).toBe('query');
    expect(events.at(-1)).toBe('closed');
  });

  it('cannot listen elsewhere, and asks for the address', async () => {
    answers = ['0123456789abcdef-code'];
    const redirectUri = 'https://app.example/in';
    await acquireToken({ ...request, flow }, context(registered(redirectUri)));
    expect(wishes).toEqual([]);
    expect(codes[0]).toMatchObject({ redirectUri, code: '0123456789abcdef-code' });
    const how = context({ ...registered(redirectUri), options: { useBrowser: true, port: 8080 } });
    expect((await failure({ ...request, flow }, how)).code).toBe('usage');
  });
});
