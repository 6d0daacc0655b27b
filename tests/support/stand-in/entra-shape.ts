import { randomBytes } from 'node:crypto';
import type { Context, Form, OidcClient } from 'oidc-provider';
import { clientMetadata, thumbprints } from './apps.ts';
import { consentPolicy, everyScope, grantEverything, PROTOCOL_SCOPES, widen } from './consent.ts';
import { type Directory, extraClaims, findAccount, shapeToken } from './directory.ts';
import type { OidcModule } from './provider-module.ts';
import type { Refusal } from './refusal.ts';
import { appResource, type ResourceRequest, split, userResource } from './scope-rules.ts';

const refusals = new WeakMap<Context, Refusal>();

/** Why this request was refused, if a rule of Entra's own did it. */
export function refusalOf(ctx: Context): Refusal | undefined {
  return refusals.get(ctx);
}

/** oidc-provider told to behave as the v2.0 endpoint of Microsoft Entra ID does. */
export function entraShape(oidc: OidcModule, directory: Directory, signingKey: object): object {
  const { tokenLifetime } = directory;
  return {
    jwks: { keys: [signingKey] },
    clients: directory.clients.map(clientMetadata),
    scopes: PROTOCOL_SCOPES,
    claims: { openid: ['sub', 'oid', 'tid', 'name', 'preferred_username', 'ver'] },
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      token: '/oauth2/v2.0/token',
      device_authorization: '/oauth2/v2.0/devicecode',
      end_session: '/oauth2/v2.0/logout',
      jwks: '/discovery/v2.0/keys',
    },
    ttl: {
      AccessToken: tokenLifetime,
      ClientCredentials: tokenLifetime,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 3600,
    },
    clientAuthMethods: ['client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256'] },
    assertJwtClientAuthClaimsAndHeader: checkAssertion.bind(undefined, oidc, directory),
    pkce: { required: () => false },
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    issueRefreshToken: (_ctx: Context, client: OidcClient, source: { scopes: Set<string> }) =>
      client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access'),
    loadExistingGrant: (ctx: Context) => grantEverything(directory, ctx),
    findAccount: (_ctx: Context, id: string) => findAccount(directory, id),
    interactions: {
      url: (_ctx: Context, { uid }: { uid: string }) => `/${directory.tenant}/login/${uid}`,
      policy: consentPolicy(oidc),
    },
    extraTokenClaims: (ctx: Context, token: { accountId?: string }) =>
      extraClaims(directory, ctx, token.accountId),
    formats: { customizers: { jwt: shapeToken } },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: resourceIndicators(oidc, directory),
    },
  };
}

/** Entra names the resource in the scope, not in RFC 8707's `resource`. */
function resourceIndicators({ errors }: OidcModule, directory: Directory): object {
  const named = (ctx: Context, form: Form | undefined): ResourceRequest => {
    const appOnly = form?.['grant_type'] === 'client_credentials';
    const answer = (appOnly ? appResource : userResource)(form?.['scope'], directory.resources);
    if (!('number' in answer)) return answer;
    refusals.set(ctx, answer);
    throw new errors.CustomOIDCProviderError(answer.error, answer.text);
  };
  return {
    enabled: true,
    useGrantedResource: () => true,
    defaultResource: (ctx: Context) => {
      if (ctx.oidc.route === 'token') return named(ctx, ctx.oidc.body).name;
      const asked = ctx.method === 'POST' ? ctx.oidc.body : ctx.query;
      const { name } = named(ctx, asked);
      widen(directory, ctx, asked?.['scope']);
      return [...new Set([name, ...directory.resources.map(({ uri }) => uri)])];
    },
    getResourceServerInfo: (ctx: Context, name: string) => ({
      scope: scopesFor(directory, ctx, name).join(' '),
      audience: name,
      accessTokenFormat: 'jwt',
      accessTokenTTL: directory.tokenLifetime,
      jwt: { sign: { alg: 'RS256' } },
    }),
  };
}

/** A token carries the scopes that were asked for, or all of them for `/.default`. */
function scopesFor(directory: Directory, ctx: Context, name: string): string[] {
  const all = everyScope(directory, name);
  const asked = ctx.oidc.route === 'token' ? split(ctx.oidc.body?.['scope']) : [];
  const some = all.filter((scope) => asked.includes(scope));
  return some.length === 0 || some.some((scope) => scope.endsWith('.default')) ? all : some;
}

/** oidc-provider has verified the signature; which key it must be by and for whom is ours to say. */
function checkAssertion(
  { errors }: OidcModule,
  directory: Directory,
  ctx: Context,
  claims: Record<string, unknown>,
  header: Record<string, unknown>,
  client: OidcClient,
): void {
  const certificate = directory.clients.find(({ id }) => id === client.clientId)?.certificate;
  const { x5t, s256 } = certificate ? thumbprints(certificate) : {};
  const right = header['alg'] === 'PS256' ? header['x5t#S256'] === s256 : header['x5t'] === x5t;
  if (!right) throw new errors.InvalidClientAuth('thumbprint');
  const audience = String(claims['aud']);
  if (!audience.endsWith(`${ctx.path}`)) throw new errors.InvalidClientAuth('audience');
}
