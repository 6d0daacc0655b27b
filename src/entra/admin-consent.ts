import { CliError } from '../core/errors.ts';
import { isGuid } from '../core/tenant.ts';
import { quoteServer } from './oauth-error.ts';
import { resourceOf } from './scopes.ts';

/** `v2` names scopes, `v1` one resource, and answers with a code instead of the tenant. */
export type ConsentForm = 'v1' | 'v2';

export interface ConsentRequest {
  readonly form: ConsentForm;
  /** With the tenant: `https://login.microsoftonline.com/organizations`. */
  readonly authorityUrl: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly state: string;
}

/**
 * Where an administrator grants an app its permissions (Microsoft identity platform, "Admin consent";
 * v1: "Get started with Office 365 Management APIs").
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

/** The `v2` form; an administrator can open it without a redirect URI as well. */
export function scopeConsentLink(
  authorityUrl: string,
  scopes: readonly string[],
  parameters: Readonly<Record<'client_id', string> & Record<string, string>>,
): string {
  const query = new URLSearchParams({ ...parameters, scope: scopes.join(' ') });
  return `${authorityUrl}/v2.0/adminconsent?${query}`;
}

/** The one resource of all scopes, for the v1 form. @throws CliError usage */
export function consentResource(scopes: readonly string[]): string {
  const resources = [...new Set(scopes.flatMap((scope) => resourceOf(scope) ?? []))];
  const [resource, other] = resources;
  if (resource !== undefined && other === undefined) return resource;
  throw new CliError('usage', 'the v1 form of consent is for the scopes of one resource', {
    hint: 'name it, for example --scope https://manage.office.com/.default',
  });
}

/** What the answer to a consent link says: the tenant, or a code whose token will. */
export type ConsentAnswer = { readonly tenantId: string } | { readonly code: string };

/** @throws CliError auth_failed when the administrator has refused, or the answer is none */
export function readConsentAnswer(parameters: Readonly<Record<string, string>>): ConsentAnswer {
  const { error, tenant, code } = parameters;
  if (error !== undefined) throw refused(error, parameters['error_description']);
  if (tenant !== undefined && isGuid(tenant)) return { tenantId: tenant.toLowerCase() };
  if (code) return { code };
  throw new CliError('auth_failed', 'the answer to the consent link names no tenant');
}

function refused(error: string, description: string | undefined): CliError {
  const text = quoteServer(description ?? '');
  const number = Number(/AADSTS(\d{4,8})/.exec(text ?? '')?.[1]);
  return new CliError('auth_failed', `consent was refused: ${error}${text ? `: ${text}` : ''}`, {
    hint: 'only an administrator of the tenant can consent for all of its people',
    oauthError: error,
    ...(number > 0 && { aadsts: number }),
  });
}
