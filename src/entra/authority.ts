import { CliError } from '../core/errors.ts';
import { sameName } from '../core/names.ts';
import type { Authority, Protocol } from '../core/oauth.ts';
import { isGuid, isSharedTenant } from '../core/tenant.ts';

export type Cloud = 'public' | 'usgov' | 'china';

/** Sign-in hosts of the national clouds (Microsoft identity platform, "National clouds"). */
export const CLOUD_HOSTS: Readonly<Record<Cloud, string>> = {
  public: 'login.microsoftonline.com',
  usgov: 'login.microsoftonline.us',
  china: 'login.partner.microsoftonline.cn',
};

/** Older names that MSAL rewrites to one of the hosts above. */
const ALIASES = ['login.windows.net', 'login.chinacloudapi.cn'];
const KNOWN_HOSTS: readonly string[] = [...Object.values(CLOUD_HOSTS), ...ALIASES];

export interface AuthoritySettings {
  readonly cloud?: Cloud | undefined;
  /** The origin of an Entra-shaped service, or with `oidc` the issuer's URL. */
  readonly authority?: string | undefined;
  readonly protocol?: Protocol | undefined;
  readonly tenantId: string;
}

/**
 * Where tokens come from. An Entra-shaped `authority` gets the tenant appended, unless it names one
 * already; an issuer of the generic protocol is taken as it is, without its trailing slash.
 * @throws CliError invalid_data when the authority is no https URL of that shape
 */
export function resolveAuthority(settings: AuthoritySettings): Authority {
  const { authority, cloud = 'public', protocol = 'entra', tenantId } = settings;
  if (authority === undefined) {
    if (protocol === 'oidc') throw wrong('protocol oidc needs an authority, the URL of its issuer');
    return entra(`https://${CLOUD_HOSTS[cloud]}`, tenantId);
  }
  const url = parse(authority);
  const path = url.pathname.replace(/\/+$/, '');
  if (protocol === 'oidc') return { protocol, url: `${url.origin}${path}`, known: false };

  const segments = path
    .replace(/\/v2\.0$/i, '')
    .split('/')
    .slice(1);
  const [first] = segments;
  if (segments.length > 1 || (first && !namesTenant(first, tenantId))) {
    throw wrong(`the authority '${authority}' is more than an origin, such as ${url.origin}`);
  }
  return entra(url.origin, tenantId);
}

/** True if MSAL carries the endpoints of this host, so that no discovery is needed. */
export function isKnownHost(host: string): boolean {
  return KNOWN_HOSTS.includes(host.toLowerCase());
}

function entra(origin: string, tenantId: string): Authority {
  return {
    protocol: 'entra',
    url: `${origin}/${encodeURIComponent(tenantId)}`,
    known: isKnownHost(new URL(origin).host),
  };
}

/** Another tenant than the one wanted is replaced: `--tenant` is good for one call. */
function namesTenant(segment: string, tenantId: string): boolean {
  const isTenant = isGuid(segment) || isSharedTenant(segment) || /^[^/]+\.[^/]+$/.test(segment);
  return isTenant || sameName(segment, tenantId);
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && !url.username && !url.password && !url.search && !url.hash;
  if (url?.protocol === 'https:' && plain) return url;
  throw wrong(`the authority '${text}' is no plain https URL`);
}

function wrong(message: string): CliError {
  return new CliError('invalid_data', message, {
    hint: 'set authority to https://HOST, or with "protocol": "oidc" to the URL of the issuer',
  });
}
