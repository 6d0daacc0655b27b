import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import { parseJsonObject } from '../../core/json.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { isGuid } from '../../core/tenant.ts';
import { type ConsentRequest, consentResource } from '../../entra/admin-consent.ts';
import { readOAuthError } from '../../entra/oauth-error.ts';
import { hasCredential } from '../../profiles/choose-flow.ts';
import { isEnvProfile } from '../../profiles/env-profile.ts';
import type { Profile } from '../../profiles/schema.ts';
import { textClaim } from '../../tokens/claims.ts';
import { decodeToken } from '../../tokens/jwt.ts';
import { loadCredential } from '../credentials/credential.ts';
import { findCredential, findOwnCredential } from '../credentials/credential-source.ts';

/**
 * The v1 form returns a code. Only the token for that code names the tenant, by its claim `tid`
 * (learn.microsoft.com, "Get started with Office 365 Management APIs"). The token is discarded.
 * @returns a GUID in lower case
 */
export async function redeemConsentCode(
  app: App,
  profile: Profile,
  { authorityUrl, clientId, redirectUri, scopes }: ConsentRequest,
  code: string,
  deadline: Deadline,
): Promise<string> {
  app.log.registerSecret(code);
  const secret = await clientSecretOf(app, profile, deadline);
  const http = await app.http(profile.caFile && resolveUserPath(app, profile.caFile));
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: clientId,
    resource: consentResource(scopes),
    redirect_uri: redirectUri,
    code,
    ...(secret !== undefined && { client_secret: secret }),
  });
  const url = `${authorityUrl}/oauth2/token`;
  const response = await http.send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    deadline,
    repeat: 'single-use',
  });
  if (response.status !== 200) throw readOAuthError(response, new URL(url).host);
  const tenantId = tenantOf(app, response.body);
  if (tenantId !== undefined) return tenantId;
  throw new CliError('network', 'the first token does not name its tenant', {
    hint: 'the v2 form of the link answers with the tenant itself: --form v2',
  });
}

/** The v1 endpoint is sent a client secret and no other credential; a public app has none. */
async function clientSecretOf(
  app: App,
  profile: Profile,
  deadline: Deadline,
): Promise<string | undefined> {
  const ofEnv = isEnvProfile(profile);
  if (!ofEnv && !hasCredential(profile, {})) return undefined;
  const source = ofEnv ? findCredential(app, profile) : findOwnCredential(app, profile);
  const credential = await loadCredential(app, profile, source, deadline);
  if (credential.kind === 'secret') return credential.secret;
  const problem = 'the v1 form needs a client secret, and the profile signs in otherwise';
  throw new CliError('usage', problem, {
    hint: 'the v2 form of the link works with a certificate: --form v2',
  });
}

function tenantOf(app: App, body: string): string | undefined {
  const token = parseJsonObject(body)?.['access_token'];
  if (typeof token !== 'string') return undefined;
  app.log.registerSecret(token);
  const decoded = decodeToken(token);
  const tid = decoded.kind === 'signed' ? textClaim(decoded.payload.value, 'tid') : undefined;
  return tid !== undefined && isGuid(tid) ? tid.toLowerCase() : undefined;
}
