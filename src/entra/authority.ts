import { type Cloud, cloudOf, signInHost } from '../core/clouds.ts';
import { CliError } from '../core/errors.ts';
import { sameName } from '../core/names.ts';
import type { Authority, Protocol } from '../core/oauth.ts';
import { isGuid, isSharedTenant } from '../core/tenant.ts';

export interface AuthoritySettings {
  readonly cloud?: Cloud | undefined;
  /** Origin of a service with Entra's endpoints; with protocol `oidc`, the issuer's URL. */
  readonly authority?: string | undefined;
  readonly protocol?: Protocol | undefined;
  /** The exact issuer, if it is not the authority. */
  readonly issuer?: string | undefined;
  readonly tenantId: string;
}

/**
 * The authority of a profile. With protocol `entra` its URL is the origin and the tenant; a tenant
 * in the setting itself is replaced. With `oidc` it is the issuer's URL without trailing slash.
 * @throws CliError invalid_data if the setting is not an https URL of that form
 */
export function resolveAuthority(settings: AuthoritySettings): Authority {
  const { authority, cloud = 'public', protocol = 'entra', issuer, tenantId } = settings;
  if (authority === undefined && protocol === 'oidc') {
    throw invalidAuthority('protocol oidc needs an authority, the URL of its issuer');
  }
  const url = parseHttpsUrl(authority ?? `https://${signInHost(cloud)}`);
  const path = url.pathname.replace(/\/+$/, '');
  if (protocol === 'oidc') return { protocol, url: `${url.origin}${path}`, known: false, issuer };

  const [first, ...more] = path
    .replace(/\/v2\.0$/i, '')
    .split('/')
    .slice(1);
  if (more.length > 0 || (first && !namesTenant(first, tenantId))) {
    throw invalidAuthority(
      `the authority '${authority}' is more than an origin, such as ${url.origin}`,
    );
  }
  // MSAL knows the endpoints of these hosts, so no discovery is needed
  const known = cloudOf(url.origin);
  const origin = known === undefined ? url.origin : `https://${signInHost(known)}`;
  const whole = `${origin}/${encodeURIComponent(tenantId)}`;
  return { protocol, url: whole, known: known !== undefined, issuer };
}

/**
 * True if the path segment is a tenant, even another than the wanted one: `--tenant` overrides it.
 */
function namesTenant(segment: string, tenantId: string): boolean {
  const isTenant = isGuid(segment) || isSharedTenant(segment) || /^[^/]+\.[^/]+$/.test(segment);
  return isTenant || sameName(segment, tenantId);
}

function parseHttpsUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = url && !url.username && !url.password && !url.search && !url.hash;
  if (url?.protocol === 'https:' && isBare) return url;
  throw invalidAuthority(`the authority '${text}' is no plain https URL`);
}

function invalidAuthority(message: string): CliError {
  return new CliError('invalid_data', message, {
    hint: 'set authority to https://HOST, or with "protocol": "oidc" to the URL of the issuer',
  });
}
