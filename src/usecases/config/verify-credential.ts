import { type Deadline, startDeadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { Credential } from '../../core/oauth.ts';
import type { Origins } from '../../core/origin.ts';
import type { App } from '../../core/ports.ts';
import { refuseUncheckedTls } from '../../core/tls-guard.ts';
import { checkAppScopes, resourceOf, resourceScope, splitScopes } from '../../entra/scopes.ts';
import { acquireToken } from '../../flows/index.ts';
import { referenceOf } from '../../profiles/reference.ts';
import { graphScope, scopesOf } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
import { loadCredential } from '../credentials/credential.ts';
import { culpritOf, findOwnCredential } from '../credentials/credential-source.ts';
import { loadCertificateFile, parseCertificateText } from '../credentials/parse-certificate.ts';
import type { NewSecret } from '../secrets/commit-secrets.ts';
import { flowContext } from '../token/token-call.ts';
import { resolveTokenRequest } from '../token/token-request.ts';

const LIMIT_SECONDS = 60;

/**
 * Proves that a credential works: requests a token as the application itself, and discards it.
 * @param profile as it will be stored
 * @param fresh secrets that are not stored yet; if there are none, the stored credential is tried
 * @param given the flags that the values come from, while there is no profile that could be edited
 * @throws CliError auth_failed if it is refused, network if the server cannot be asked
 */
export async function verifyCredential(
  app: App,
  profile: Profile,
  fresh: readonly NewSecret[],
  given: Origins = {},
): Promise<void> {
  refuseUncheckedTls(app.env);
  const args = { flow: 'ClientCredentials', scope: appScopes(profile) };
  // the token is discarded, so the client declares no capabilities for it
  const { capabilities: _, ...resolved } = resolveTokenRequest(profile, args, {}, {});
  const request = { ...resolved, origins: { ...given, ...credentialOrigin(app, profile, fresh) } };
  app.log.say(`Requesting a token to verify the credential of '${profile.name}'...`);
  try {
    const command = `tokencli get-token -p ${profile.name}`;
    const deadline = startDeadline(LIMIT_SECONDS, app.interrupted);
    const call = { profile, command, deadline, options: { useBrowser: false } };
    const credential = () => credentialOf(app, profile, fresh, deadline);
    await acquireToken(request, flowContext(app, call, credential));
  } catch (error) {
    if (!(error instanceof CliError) || app.interrupted.aborted) throw error;
    const how = error.code === 'auth_failed' ? 'was refused' : 'could not be verified';
    const message = `the credential ${how} and nothing was changed: ${error.message}`;
    throw error.with({ message });
  }
  app.log.done('The credential works: a token was given');
}

/**
 * Where the credential comes from, for hints: a new one is corrected by giving another with the
 * same option.
 */
function credentialOrigin(app: App, profile: Profile, fresh: readonly NewSecret[]): Origins {
  if (referenceOf(profile)) return { credential: culpritOf(findOwnCredential(app, profile)) };
  if (fresh.some(({ kind }) => kind === 'clientSecret')) return { credential: '--client-secret-…' };
  return fresh.length > 0 ? { credential: 'flag' } : {};
}

/** An app may not request the scopes of a person's flow, so `/.default` of their resource is requested. */
function appScopes(profile: Profile): string[] {
  const scopes = splitScopes(scopesOf(profile));
  if (scopes.length === 0) return [graphScope(profile)];
  if (profile.protocol === 'oidc' || checkAppScopes(scopes) === undefined) return scopes;
  const resource = scopes.map(resourceOf).find((each) => each !== undefined);
  return [resource === undefined ? graphScope(profile) : resourceScope(resource)];
}

async function credentialOf(
  app: App,
  profile: Profile,
  fresh: readonly NewSecret[],
  deadline: Deadline,
): Promise<Credential> {
  const find = (kind: NewSecret['kind']) => fresh.find((secret) => secret.kind === kind)?.value;
  const secret = find('clientSecret');
  if (secret !== undefined) return { kind: 'secret', secret };
  const stored = find('certificate');
  if (stored !== undefined) return parseCertificateText(app, stored);
  const password = find('certificatePassword');
  if (password !== undefined && profile.certificatePath !== undefined) {
    return loadCertificateFile(app, profile.certificatePath, password);
  }
  const source = findOwnCredential(app, profile);
  const typed =
    source.from === 'reference' && password !== undefined
      ? { ...source, password: { from: 'person', value: password } as const }
      : source;
  return loadCredential(app, profile, typed, deadline);
}
