import { CliError } from '../core/errors.ts';
import { isGuid } from '../core/tenant.ts';
import { findAadsts, nameError, quoteServer } from './oauth-error.ts';
import { resourceOf } from './scopes.ts';

/**
 * The `v2` link names scopes. The `v1` link names one resource, and its answer is a code instead of
 * a tenant id.
 */
export type ConsentForm = 'v1' | 'v2';

export interface ConsentRequest {
  readonly form: ConsentForm;
  /** `Authority.url`: `https://login.microsoftonline.com/organizations`. */
  readonly authorityUrl: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly state: string;
}

/**
 * The link with which an administrator grants an app its permissions.
 * v2: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 * v1: https://learn.microsoft.com/office/office-365-management-api/get-started-with-office-365-management-apis
 * @throws CliError usage (v1 for scopes of several resources)
 */
export function adminConsentLink(request: ConsentRequest): string {
  const { form, authorityUrl, clientId, scopes, redirectUri, state } = request;
  const common = { client_id: clientId, redirect_uri: redirectUri, state };
  if (form === 'v2') return scopeConsentLink(authorityUrl, scopes, common);
  const query = new URLSearchParams({
    response_type: 'code',
    prompt: 'admin_consent',
    resource: consentResource(scopes),
    ...common,
  });
  return `${authorityUrl}/oauth2/authorize?${query}`;
}

/** A v2 link. For a link in an error message, redirect URI and state are left out. */
export function scopeConsentLink(
  authorityUrl: string,
  scopes: readonly string[],
  parameters: Readonly<Record<'client_id', string> & Record<string, string>>,
): string {
  const query = new URLSearchParams({ ...parameters, scope: scopes.join(' ') });
  return `${authorityUrl}/v2.0/adminconsent?${query}`;
}

/** The resource that all scopes belong to. @throws CliError usage unless there is exactly one */
export function consentResource(scopes: readonly string[]): string {
  const resources = [...new Set(scopes.flatMap((scope) => resourceOf(scope) ?? []))];
  const [resource, other] = resources;
  if (resource !== undefined && other === undefined) return resource;
  throw new CliError('usage', 'the v1 form of consent is for the scopes of one resource', {
    hint: 'name it, for example --scope https://manage.office.com/.default',
  });
}

/**
 * The answer to a consent link: the tenant id (v2), or a code; a token obtained with it names the
 * tenant (v1).
 */
export type ConsentAnswer = { readonly tenantId: string } | { readonly code: string };

/**
 * @throws CliError auth_failed if the administrator declined, or the parameters are no such answer
 */
export function readConsentAnswer(parameters: Readonly<Record<string, string>>): ConsentAnswer {
  const { error, tenant, code } = parameters;
  if (error) {
    const description = parameters['error_description'] ?? '';
    throw new CliError('auth_failed', nameError('consent was refused', error, description), {
      hint: 'only an administrator of the tenant can consent for all of its people',
      oauthError: error,
      aadsts: findAadsts(quoteServer(description)),
    });
  }
  if (tenant !== undefined && isGuid(tenant)) return { tenantId: tenant.toLowerCase() };
  if (code) return { code };
  throw new CliError('auth_failed', 'the answer to the consent link names no tenant');
}
