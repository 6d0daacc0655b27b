import { randomBytes } from 'node:crypto';
import { whyNotAsked } from '../../core/ci.ts';
import { startDeadline } from '../../core/deadline.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../../core/defaults.ts';
import { CliError } from '../../core/errors.ts';
import { sameName } from '../../core/names.ts';
import type { Flags, Lists, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { isSharedTenant, isTenant } from '../../core/tenant.ts';
import { refuseUncheckedTls } from '../../core/tls-guard.ts';
import {
  adminConsentLink,
  type ConsentForm,
  readConsentAnswer,
} from '../../entra/admin-consent.ts';
import { splitScopes } from '../../entra/scopes.ts';
import { changeProfiles } from '../../profiles/change.ts';
import { chooseProfile, readProfilesOrEnv } from '../../profiles/choose-profile.ts';
import { isEnvProfile } from '../../profiles/env-profile.ts';
import { resolveSettings } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
import { parsePort, parseTimeout } from '../token/token-options.ts';
import { authorityOf, checkClient } from '../token/token-request.ts';
import { catchConsent } from './catch-consent.ts';
import { redeemConsentCode } from './token.ts';

export type ConsentArgs = Values<'profile' | 'tenant' | 'form' | 'port' | 'timeout'> &
  Flags<'no-browser' | 'save'> &
  Lists<'scope'>;

/** Entra accepts any port in addition (RFC 8252 section 7.3). */
const DEFAULT_REDIRECT = 'http://localhost';

/** Lets an administrator grant the app its permissions, and prints in which tenant that was done. */
export async function consent(app: App, args: ConsentArgs): Promise<Outcome> {
  refuseUncheckedTls(app.env);
  const file = await readProfilesOrEnv(app, args.profile);
  const profile = await chooseProfile(app, file, args.profile);
  if (args.save === true && isEnvProfile(profile)) {
    throw new CliError('usage', `--save needs a stored profile, and ${profile.name} is none`);
  }
  const request = requestOf(app, profile, args);
  const usual = DEFAULT_TIMEOUT_SECONDS.browser;
  const seconds = args.timeout === undefined ? usual : parseTimeout(args.timeout);
  const way = {
    redirectUri: profile.redirectUri ?? DEFAULT_REDIRECT,
    port: args.port === undefined ? undefined : parsePort(args.port),
    useBrowser: args['no-browser'] !== true,
    profile,
  };
  needsPerson(app, profile, args);
  const deadline = startDeadline(seconds, app.interrupted);

  sayWhereNotNeeded(app, profile);
  const tenantId = await catchConsent(app, request, way, deadline, async (parameters, sent) => {
    const answer = readConsentAnswer(parameters);
    const found =
      'tenantId' in answer
        ? answer.tenantId
        : await redeemConsentCode(app, profile, sent, answer.code, deadline);
    refuseOtherTenant(args.tenant, found);
    return found;
  });
  app.log.done(`Consent was given in tenant ${tenantId}`);
  if (args.save === true) await save(app, profile, tenantId);
  else if (!sameName(profile.tenantId, tenantId)) {
    const edit = `tokencli config edit -p ${profile.name} --tenant-id ${tenantId}`;
    app.log.say(`Keep it: ${isEnvProfile(profile) ? `AZURE_TENANT_ID=${tenantId}` : edit}`);
  }
  return { stdout: `${tenantId}\n` };
}

function requestOf(app: App, profile: Profile, args: ConsentArgs) {
  const { tenant, scope } = args;
  const settings = resolveSettings(profile, { tenant, scope }, app.env);
  if (settings.protocol.value !== 'entra') {
    throw new CliError('usage', `profile ${profile.name} is not of Microsoft Entra ID`, {
      hint: 'admin consent is a notion of Entra alone',
    });
  }
  if (args.tenant !== undefined && !isTenant(args.tenant)) {
    throw new CliError('usage', `'${args.tenant}' is no tenant: a GUID or a domain is`);
  }
  checkClient(profile, settings);
  const form: ConsentForm = args.form === 'v1' ? 'v1' : 'v2';
  const { clientId, scopes, tenantId } = settings;
  const sent = { ...tenantId, value: tenantOf(tenantId.value, form) };
  const authorityUrl = authorityOf({ ...settings, tenantId: sent }).url;
  const state = randomBytes(32).toString('base64url');
  const request = { form, authorityUrl, clientId: clientId.value, state };
  const whole = { ...request, scopes: splitScopes(scopes.value) };
  // throws if the scopes cannot be used, before anything is opened
  adminConsentLink({ ...whole, redirectUri: '' });
  return whole;
}

/** `organizations` excludes personal accounts, which have no administrator. */
function tenantOf(tenant: string, form: ConsentForm): string {
  if (!isSharedTenant(tenant)) return tenant;
  return form === 'v1' ? 'common' : 'organizations';
}

function needsPerson(app: App, profile: Profile, args: ConsentArgs): void {
  if (app.log.interactive || args['no-browser'] === true) return;
  const problem = `only an administrator can consent, in a browser, and ${whyNotAsked(app)}`;
  throw new CliError('interaction_required', problem, {
    hint: `run it in a terminal: tokencli consent -p ${profile.name}; or print the link: --no-browser`,
  });
}

/** The tenant in which the app is registered needs no link, but it cannot be looked up. */
function sayWhereNotNeeded(app: App, { tenantId = 'common' }: Profile): void {
  const own = isSharedTenant(tenantId) ? 'the tenant' : `${tenantId}, if that is the tenant`;
  app.log.say(`No link is needed in ${own} where the app is registered:`);
  app.log.say('there its permissions are granted in the portal, under API permissions.');
}

function refuseOtherTenant(wanted: string | undefined, found: string): void {
  const isId = wanted !== undefined && /^[0-9a-f-]{36}$/i.test(wanted);
  if (!isId || sameName(wanted, found)) return;
  throw new CliError('auth_failed', `consent was given in tenant ${found}, not in ${wanted}`, {
    hint: 'sign in with an administrator of that tenant',
  });
}

async function save(app: App, { name }: Profile, tenantId: string): Promise<void> {
  await changeProfiles(app, (draft) => {
    draft.replace(name, { ...draft.get(name), tenantId });
  });
  app.log.done(`Profile '${name}' is for tenant ${tenantId} now`);
}
