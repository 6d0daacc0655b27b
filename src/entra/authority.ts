import { CliError } from '../core/errors.ts';
import type { Authority, Protocol } from '../core/oauth.ts';

/** Sign-in hosts of the Entra clouds (Microsoft: national clouds). */
const CLOUD_HOSTS = {
  public: 'login.microsoftonline.com',
  usgov: 'login.microsoftonline.us',
  china: 'login.partner.microsoftonline.cn',
} as const;

export type Cloud = keyof typeof CLOUD_HOSTS;

export interface AuthoritySettings {
  readonly cloud?: Cloud;
  /** `https://host[:port]`, the same with the tenant, or for `oidc` the issuer's full URL. */
  readonly authority?: string;
  readonly protocol?: Protocol;
  readonly tenantId: string;
}

/**
 * Where this profile's tokens come from (contract section 11). The issuer of a generic provider and
 * an authority that ends in the tenant are taken as they are.
 * @throws CliError invalid_data for anything but an https URL without user, query and fragment
 */
export function resolveAuthority(settings: AuthoritySettings): Authority {
  const { authority, protocol = 'entra', cloud = 'public', tenantId } = settings;
  if (authority === undefined) {
    if (protocol === 'oidc') {
      throw new CliError('invalid_data', 'a generic issuer needs its URL as authority');
    }
    return { protocol, url: `https://${CLOUD_HOSTS[cloud]}/${tenantId}`, known: true };
  }
  const base = checkUrl(authority).replace(/\/+$/, '');
  if (protocol === 'oidc') return { protocol, url: base, known: false };
  const last = decodeURIComponent(base.slice(base.lastIndexOf('/') + 1));
  const ends = last.toLowerCase() === tenantId.toLowerCase();
  const known = Object.values(CLOUD_HOSTS).some((host) => new URL(base).host === host);
  return { protocol, url: ends ? base : `${base}/${tenantId}`, known };
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && !url.username && !url.password && !url.search && !url.hash;
  if (plain && url.protocol === 'https:' && !/[\s\\]|%2f/i.test(text)) return url.href;
  throw new CliError('invalid_data', `the authority "${text}" is not a plain https URL`, {
    hint: 'give it as https://host or https://host:port',
  });
}
