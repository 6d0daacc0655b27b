import { CliError } from '../../core/errors.ts';
import type { Lists, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { isGuid } from '../../core/tenant.ts';
import { chooseProfile, readProfilesOrEnv } from '../../profiles/choose-profile.ts';
import type { Profile } from '../../profiles/schema.ts';
import { textClaim } from '../../tokens/claims.ts';
import { decodeToken } from '../../tokens/jwt.ts';
import { dropCachedToken } from '../token/drop-token.ts';
import { obtainByFlow, obtainToken } from '../token/get-token.ts';
import { prepareCall } from '../token/token-call.ts';
import type { GetTokenArgs } from '../token/token-options.ts';
import { type CredentialRequest, formatAnswer, REQUEST_END, readRequest } from './protocol.ts';

export type GitCredentialArgs = { readonly operation: string } & Values<'profile'> & Lists<'host'>;

/** Bytes; git's own lines are far shorter. */
const LARGEST = 1024 * 1024;
const AZURE_REPOS = /^(?:dev\.azure\.com|(?:[a-z\d-]+\.)+visualstudio\.com)$/;
const HOST = /^(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?|\[[\da-f:]+\])(?::\d{1,5})?$/i;
const NOTHING: Outcome = { stdout: '' };

/**
 * Answers git, which asks its helpers for every host that its configuration names. For a host that is
 * not ours the answer is empty, so that git asks the next helper.
 * @throws CliError as `get-token` does, if the host is ours
 */
export async function gitCredential(app: App, args: GitCredentialArgs): Promise<Outcome> {
  const { operation } = args;
  const hosts = (args.host ?? []).map(readHost);
  if (!['get', 'store', 'erase'].includes(operation)) return NOTHING;
  const request = readRequest(await app.io.readStdin(LARGEST, REQUEST_END));
  // git hands over the token again to have it kept, which the cache does
  if (operation === 'store' || request.protocol !== 'https') return NOTHING;
  const isNamed = hosts.includes(request.host);
  const isAzureRepos = AZURE_REPOS.test(request.host);
  if (!isNamed && !isAzureRepos) return NOTHING;
  const tokenArgs = { profile: args.profile, ...(isAzureRepos && { resource: 'devops' }) };
  return operation === 'get' ? get(app, tokenArgs, request) : erase(app, tokenArgs, request);
}

async function get(app: App, args: GetTokenArgs, request: CredentialRequest): Promise<Outcome> {
  const { tenant, takesBearer } = request;
  try {
    const { result, profile } = await obtainToken(app, args, {
      mayAsk: false,
      obtain: (call) => {
        if (args.resource !== undefined) checkIssuer(call.profile);
        checkTenant(call.profile.name, call.request.tenantId, tenant);
        return obtainByFlow(app, call);
      },
    });
    checkTenant(profile, tenantOfToken(result.accessToken), tenant);
    return { stdout: formatAnswer(result.accessToken, result.expiresOn, takesBearer) };
  } catch (failure) {
    if (!(failure instanceof CliError) || failure.code !== 'interaction_required') throw failure;
    // git would ask for a user name and a password instead, which do not help
    app.log.say(`tokencli: ${failure.message}`);
    return { stdout: 'quit=1\n' };
  }
}

/** Azure Repos accepts no tokens of another issuer, and must not get to see them. */
function checkIssuer({ name, protocol }: Profile): void {
  if (protocol !== 'oidc') return;
  throw new CliError('usage', `Azure Repos takes no tokens of the issuer of profile '${name}'`, {
    hint: 'name a profile of Microsoft Entra: tokencli config list',
  });
}

/** Another organization's token would be refused, by a server that cannot say why. */
function checkTenant(profile: string, own: string | undefined, wanted: string | undefined): void {
  if (wanted === undefined || own === undefined || !isGuid(own)) return;
  if (own.toLowerCase() === wanted) return;
  const problem = `profile '${profile}' is of tenant ${own}, and the server wants a token of ${wanted}`;
  throw new CliError('auth_failed', problem, {
    hint: `name a profile of that tenant: tokencli config create --tenant-id ${wanted}`,
  });
}

/** The tenant's id, where the profile names it by its domain. */
function tenantOfToken(accessToken: string): string | undefined {
  try {
    const token = decodeToken(accessToken);
    return token.kind === 'signed' ? textClaim(token.payload.value, 'tid') : undefined;
  } catch {
    return undefined;
  }
}

async function erase(app: App, args: GetTokenArgs, { secret }: CredentialRequest) {
  if (secret !== undefined) app.log.registerSecret(secret);
  const file = await readProfilesOrEnv(app, args.profile);
  const profile = await chooseProfile(app, file, args.profile);
  const call = await prepareCall(app, args, { file, profile, mayAsk: false });
  await dropCachedToken(app, call, secret);
  return NOTHING;
}

/** @throws CliError usage */
function readHost(text: string): string {
  if (HOST.test(text)) return text.toLowerCase().replace(/:443$/, '');
  throw new CliError('usage', `--host takes HOST or HOST:PORT, not '${text}'`, {
    hint: 'for example --host git.contoso.com',
  });
}
