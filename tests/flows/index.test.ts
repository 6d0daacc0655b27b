import { describe, expect, it } from '@jest/globals';
import { startDeadline } from '../../src/core/deadline.ts';
import { CliError } from '../../src/core/errors.ts';
import type { ClientCredentialsRequest, TokenRequest } from '../../src/core/oauth.ts';
import { resolveAuthority } from '../../src/entra/authority.ts';
import type { FlowContext } from '../../src/flows/flow.ts';
import { acquireToken } from '../../src/flows/index.ts';
import { createNetworkApp } from '../support/network-app.ts';

const GRAPH = 'https://graph.microsoft.com/.default';
const TOKEN = { accessToken: 'a', expiresOn: 1, tokenType: 'Bearer', scopes: [GRAPH] };

function request(changes: Partial<TokenRequest> = {}): TokenRequest {
  return {
    flow: 'ClientCredentials',
    authority: resolveAuthority({ tenantId: 'contoso.example' }),
    tenantId: 'contoso.example',
    clientId: 'the-app',
    scopes: [GRAPH],
    sendX5c: false,
    thumbprint: 'sha256',
    ...changes,
  };
}

const notAsked = () => Promise.reject(new Error('nobody asks for this here'));

function context(answer: CliError | typeof TOKEN = TOKEN) {
  const asked: ClientCredentialsRequest[] = [];
  const made: FlowContext = {
    profile: { name: 'prof' },
    options: { useBrowser: true },
    command: 'tokencli get-token -p prof',
    log: createNetworkApp().app.log,
    deadline: startDeadline(5, new AbortController().signal),
    credential: async () => ({ kind: 'secret', secret: 'the secret' }),
    tokenClient: async () => ({
      clientCredentials: async (each) => {
        asked.push(each);
        if (answer instanceof CliError) throw answer;
        return answer;
      },
      authorizationLink: notAsked,
      redeemCode: notAsked,
      deviceCode: notAsked,
      refresh: notAsked,
    }),
    loopback: notAsked,
    browser: notAsked,
    progress: notAsked,
    prompter: notAsked,
  };
  return { made, asked };
}

async function refused(changes: Partial<TokenRequest>, answer?: CliError): Promise<CliError> {
  const error = await acquireToken(request(changes), context(answer).made).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CliError);
  return error as CliError;
}

describe('ClientCredentials', () => {
  it('asks for exactly what was wanted', async () => {
    const { made, asked } = context();
    const wanted = request({ claims: '{}', sendX5c: true });
    expect(await acquireToken(wanted, made)).toEqual(TOKEN);
    expect(asked).toEqual([{ ...wanted, credential: { kind: 'secret', secret: 'the secret' } }]);
  });
});

describe('a refusal', () => {
  const details = { traceId: 't', correlationId: 'c', timestamp: 'now', oauthError: 'e' };

  it('gets its cause and the next command, and keeps its ids', async () => {
    const sent = new CliError('auth_failed', 'raw', { ...details, aadsts: 7000222 });
    const error = await refused({}, sent);
    expect(error.code).toBe('auth_failed');
    expect(error.message).toBe('AADSTS7000222: the client secret of app the-app has expired');
    expect(error.details).toEqual({
      ...details,
      aadsts: 7000222,
      hint: 'tokencli config edit -p prof, after a new secret was made for the app',
      cause: sent,
    });
  });

  it.each([65001, 50076, 700082])('%d: no person can help an app', async (aadsts) => {
    const sent = new CliError('interaction_required', 'raw', { ...details, aadsts });
    expect((await refused({}, sent)).code).toBe('auth_failed');
  });

  it('without a known number neither', async () => {
    const sent = new CliError('interaction_required', 'raw', { ...details, aadsts: 5_000_999 });
    const error = await refused({}, sent);
    expect(error).toMatchObject({ code: 'auth_failed', message: 'raw' });
    expect(error.details).toMatchObject({ ...details, aadsts: 5_000_999 });
  });

  it('by a busy server stays one that may pass', async () => {
    const sent = new CliError('network', 'raw', { aadsts: 90002, retryable: true });
    const error = await refused({}, sent);
    expect(error.code).toBe('network');
    expect(error.details.retryable).toBe(true);
  });

  it('that is unknown passes as it is', async () => {
    const sent = new CliError('auth_failed', 'raw', { ...details, aadsts: 5_000_999 });
    expect(await refused({}, sent)).toBe(sent);
  });

  it('of a profile without a credential passes as it is', async () => {
    const sent = new CliError('interaction_required', 'no credential');
    expect(await refused({}, sent)).toBe(sent);
  });
});
