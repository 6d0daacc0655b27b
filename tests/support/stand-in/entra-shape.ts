import { randomBytes } from 'node:crypto';
import type { Context, Form, OidcClient } from 'oidc-provider';
import { clientMetadata, thumbprints } from './apps.ts';
import { everyScope, grantEverything, resourceNames, widen } from './consent.ts';
import { devicePages } from './device-pages.ts';
import { type Directory, extraClaims, findAccount } from './directory.ts';
import { familyOf } from './memory.ts';
import { showRefusal } from './pages.ts';
import type { OidcModule } from './provider-module.ts';
import { refuse } from './refusal.ts';
import {
  appResource,
  PROTOCOL_SCOPES,
  type ResourceRequest,
  split,
  userResource,
} from './scope-rules.ts';
import { signInRules } from './sign-in-rules.ts';
import { checkToken } from './token-rules.ts';
import { shapeToken } from './token-shape.ts';

/** oidc-provider told to behave as the v2.0 endpoint of Microsoft Entra ID does. */
export function entraShape(oidc: OidcModule, directory: Directory, signingKey: object): object {
  return {
    jwks: { keys: [signingKey] },
    clients: directory.clients.map(clientMetadata),
    scopes: PROTOCOL_SCOPES,
    claims: { openid: ['sub', 'oid', 'tid', 'name', 'preferred_username', 'ver'] },
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(16).toString('hex')] },
    extraParams: ['asked_scope', 'asked_claims'],
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      token: '/oauth2/v2.0/token',
      device_authorization: '/oauth2/v2.0/devicecode',
      code_verification: '/oauth2/deviceauth',
      end_session: '/oauth2/v2.0/logout',
      jwks: '/discovery/v2.0/keys',
    },
    ttl: lifetimes(directory),
    clientAuthMethods: ['client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256'] },
    assertJwtClientAuthClaimsAndHeader: checkAssertion.bind(undefined, oidc, directory),
    pkce: { required: () => false },
    // asked before the old one is spent, which is the time to refuse
    rotateRefreshToken: (ctx: Context) => checkToken(oidc, directory, ctx),
    expiresWithSession: () => false,
    issueRefreshToken: (ctx: Context, client: OidcClient, source: { scopes: Set<string> }) =>
      checkToken(oidc, directory, ctx) &&
      client.grantTypeAllowed('refresh_token') &&
      source.scopes.has('offline_access'),
    loadExistingGrant: (ctx: Context) => grantEverything(directory, ctx),
    findAccount: (_ctx: Context, id: string) => findAccount(directory, id),
    interactions: {
      url: (_ctx: Context, { uid }: { uid: string }) => `/${directory.tenant}/login/${uid}`,
      policy: signInRules(oidc, directory),
    },
    renderError: showRefusal,
    extraTokenClaims: (ctx: Context, token: { accountId?: string }) =>
      extraClaims(directory, ctx, token.accountId),
    formats: { customizers: { jwt: shapeToken.bind(undefined, directory) } },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, charset: 'base-20', mask: '*********', ...devicePages },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: resourceIndicators(oidc, directory),
    },
  };
}

/** Seconds. */
function lifetimes({ tokenLifetime, refreshTokenLifetime, device }: Directory): object {
  return {
    AccessToken: tokenLifetime,
    ClientCredentials: tokenLifetime,
    DeviceCode: device.lifetime,
    Grant: 86_400,
    IdToken: 3600,
    Interaction: 600,
    RefreshToken: refreshTokenLifetime,
    Session: 3600,
  };
}

/** Entra names the resource in the scope, not in RFC 8707's `resource`. */
function resourceIndicators(oidc: OidcModule, directory: Directory): object {
  const named = (ctx: Context, form: Form | undefined): ResourceRequest => {
    const appOnly = form?.['grant_type'] === 'client_credentials';
    const answer = appOnly
      ? appResource(form['scope'], directory.resources)
      : userResource(
          form?.['scope'] ?? familyOf(directory.memory, ctx)?.scope,
          directory.resources,
        );
    return 'number' in answer ? refuse(oidc, ctx, answer) : answer;
  };
  return {
    enabled: true,
    useGrantedResource: () => true,
    defaultResource: (ctx: Context) => {
      if (ctx.oidc.route === 'token') return named(ctx, ctx.oidc.body).name;
      const asked = (ctx.method === 'POST' ? ctx.oidc.body : ctx.query) ?? {};
      const { name } = named(ctx, asked);
      widen(directory, ctx, asked);
      return [...new Set([name, ...resourceNames(directory, ctx)])];
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

/** A token carries the scopes that were asked for. */
function scopesFor(directory: Directory, ctx: Context, name: string): string[] {
  const all = everyScope(directory, name);
  if (ctx.oidc.route !== 'token') return all;
  const asked = split(ctx.oidc.body?.['scope'] ?? familyOf(directory.memory, ctx)?.scope);
  const some = all.filter((scope) => asked.includes(scope));
  return some.length === 0 ? all : some;
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
