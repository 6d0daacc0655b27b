import type { ErrorCode } from '../core/errors.ts';
import type { RequestPart } from '../core/origin.ts';

export interface AdviceEntry {
  /** `auth_failed` if absent. */
  readonly code?: ErrorCode;
  /** What went wrong, and what to do next. `advice.ts` replaces the words in braces. */
  readonly cause: string;
  readonly next: string;
  /**
   * What may be wrong, beside the app and the tenant that the cause names. Where that does not come
   * from the profile, the place is named instead.
   */
  readonly blames?: readonly RequestPart[];
}

/** The issuer, audience or subject of the assertion is not that of any federated credential. */
const noMatch = (part: 'issuer' | 'audience' | 'subject'): AdviceEntry => ({
  cause: `no federated credential of app {clientId} has the ${part} of the assertion{presented}`,
  next: 'make both equal to the letter: Certificates & secrets, Federated credentials',
  blames: ['credential'],
});

/** Cured by a new sign-in. */
const signInAgain = (code: ErrorCode, cause: string): AdviceEntry => ({
  code,
  cause,
  next: '{command}',
});

const OTHER_RESOURCE = 'tokencli get-token -p {profile} --resource {graph}';
const OTHER_TENANT = "name the user's own tenant: tokencli get-token -p {profile} --tenant TENANT";

/** Of a tenant that the user cannot get into. */
const closedTenant = (cause: string): AdviceEntry => ({ cause, next: OTHER_TENANT });

/**
 * Advice for AADSTS numbers.
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const ADVICE: Readonly<Record<number, AdviceEntry>> = {
  7000215: {
    cause:
      'the client secret of app {clientId} is wrong; perhaps it is the secret ID, not its value',
    next: "{edit}, and enter the secret's Value, not its Secret ID",
    blames: ['credential'],
  },
  7000222: {
    cause: 'the client secret of app {clientId} has expired',
    next: '{edit}, after a new secret was made for the app',
    blames: ['credential'],
  },
  700016: {
    cause: 'tenant {tenant} has no app {clientId}',
    next: '{edit}, and check the client id and the tenant id',
    blames: ['clientId', 'tenantId', 'authority'],
  },
  700027: {
    cause:
      'the certificate of app {clientId} is not registered there, or its signature was refused',
    next: 'register the certificate for the app, or choose another one: {edit}',
    blames: ['credential'],
  },
  700024: {
    cause: 'the assertion is outside of its time; it has ended, or a clock is wrong',
    next: 'check the clock; a federated token is good for minutes: have a fresh one where it is read',
    blames: ['credential'],
  },
  700211: noMatch('issuer'),
  700212: noMatch('audience'),
  700213: noMatch('subject'),
  70011: {
    cause: "the scope '{scopes}' is not valid",
    next: OTHER_RESOURCE,
  },
  1002012: {
    cause: "ClientCredentials takes one scope that ends in /.default, not '{scopes}'",
    next: OTHER_RESOURCE,
  },
  500011: {
    cause: "tenant {tenant} has no resource for the scope '{scopes}'",
    next: 'check the resource, or name another tenant: tokencli get-token -p {profile} --tenant TENANT',
  },
  65001: {
    code: 'interaction_required',
    cause: "nobody has consented to '{scopes}' for app {clientId}",
    next: '{command}, or an administrator consents at {consent}',
  },
  650057: {
    cause: "app {clientId} does not list a permission for '{scopes}'",
    next: 'add the API permission to the app, then an administrator consents at {consent}',
  },
  50076: signInAgain('interaction_required', 'a second factor is required'),
  50079: signInAgain('interaction_required', 'the user must set up a second factor first'),
  50158: signInAgain('interaction_required', 'another service has to confirm the sign-in'),
  50011: {
    cause: 'the redirect URI is not registered for app {clientId}',
    next: 'register it for the app exactly as it was sent, or change it: {own}',
  },
  50020: closedTenant('the user has no account in tenant {tenant}'),
  50034: {
    cause: 'there is no such user in tenant {tenant}',
    next: 'sign in as another user, or check the tenant: {edit}',
  },
  50053: {
    cause: 'the account is locked after too many attempts, or the address is blocked',
    next: 'wait some minutes, then tokencli get-token -p {profile}',
  },
  50057: {
    cause: 'the user account is disabled',
    next: 'an administrator enables the account of the user in tenant {tenant}',
  },
  50105: {
    cause: 'the user or app is not assigned to a role of the application',
    next: 'an administrator assigns it under Enterprise applications, Users and groups',
  },
  50126: {
    cause: 'the user name or the password is wrong',
    next: '{command}',
  },
  53000: {
    cause: 'Conditional Access requires a compliant device, and this one is not',
    next: 'sign in from a managed device, or ask the administrator of tenant {tenant}',
  },
  53003: {
    cause: 'Conditional Access blocks this sign-in',
    next: 'ask the administrator of tenant {tenant}, with the correlation id below',
  },
  530033: {
    cause: 'Conditional Access does not allow this kind of sign-in from this device',
    next: 'tokencli get-token -p {profile} --flow InteractiveBrowser',
  },
  530084: {
    cause: 'Conditional Access requires token protection, which this sign-in does not have',
    next: 'ask the administrator of tenant {tenant} to exclude app {clientId}',
  },
  70008: signInAgain('token_expired', 'the authorization code or refresh token has expired'),
  70043: signInAgain(
    'token_expired',
    'the sign-in frequency of Conditional Access ended the refresh token',
  ),
  700082: signInAgain(
    'token_expired',
    'the refresh token was not used for too long and has expired',
  ),
  700084: signInAgain(
    'token_expired',
    'the refresh token of a single-page app has reached the end of its fixed life',
  ),
  50173: signInAgain('token_expired', 'the sign-in was revoked, for example by a new password'),
  7000218: {
    cause: 'app {clientId} is no public client here, so it has to show a credential',
    next: '{publicly}',
  },
  90002: {
    cause: "there is no tenant '{tenant}'",
    next: '{edit}, and check the tenant id and the cloud',
    blames: ['tenantId', 'authority'],
  },
  90072: closedTenant('the account is not in tenant {tenant} and must be invited there first'),
  50177: closedTenant('tenant {tenant} does not know the account, which comes from elsewhere'),
  500571: closedTenant('the guest account of the user is disabled in tenant {tenant}'),
  500212: closedTenant("an administrator of the user's own tenant has closed tenant {tenant}"),
  500213: closedTenant('tenant {tenant} is closed to users of other tenants like this one'),
  65002: {
    cause: "app {clientId} is Microsoft's own, and it is not approved for '{scopes}'",
    next: '{edit}, with the client id of an app of your own',
  },
  90094: {
    code: 'interaction_required',
    cause: "an administrator must consent to '{scopes}' for app {clientId}",
    next: 'an administrator consents at {consent}',
  },
  9002313: {
    cause: 'the request is malformed; a value of the profile may be damaged',
    next: '{edit}, and check client id, tenant, scopes and redirect URI',
    blames: ['clientId', 'tenantId'],
  },
  28000: {
    cause: "one request is for one resource, and '{scopes}' names several",
    next: OTHER_RESOURCE,
  },
  9002327: {
    cause: 'the redirect URI of app {clientId} is registered for a single-page app',
    next: "register it for the app under 'Mobile and desktop applications' instead",
  },
  700025: {
    cause: 'app {clientId} is a public client, so it must not send a credential',
    next: "register the redirect URI under 'Web', or sign in without one: tokencli get-token -p {profile} -f InteractiveBrowser",
  },
};
