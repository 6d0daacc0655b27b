import { GUID } from '../core/tenant.ts';

/**
 * An issuer of Microsoft Entra, recognised by the exact form of its URL.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 */
export interface EntraIssuer {
  readonly cloud: 'public' | 'usgov' | 'china' | 'external';
  /** Lower case. */
  readonly tenantId: string;
  /** Base URLs that may have its discovery document, the likeliest first. */
  readonly authorities: readonly string[];
}

const V2 = new RegExp(`^https://([\\w.-]+)/(${GUID.source})/v2\\.0$`);
const V1 = new RegExp(`^https://([\\w.-]+)/(${GUID.source})/$`);
const EXTERNAL = new RegExp(`^(${GUID.source})\\.ciamlogin\\.com$`);

const V2_CLOUDS = {
  'login.microsoftonline.com': 'public',
  'login.microsoftonline.us': 'usgov',
  'login.partner.microsoftonline.cn': 'china',
} as const;

/** v1.0 tokens of the US government cloud name the same issuer as those of the public cloud. */
const V1_HOSTS = {
  'sts.windows.net': {
    cloud: 'public',
    hosts: ['login.microsoftonline.com', 'login.microsoftonline.us'],
  },
  'sts.chinacloudapi.cn': { cloud: 'china', hosts: ['login.partner.microsoftonline.cn'] },
} as const;

const KEY_HOSTS = new Set([...Object.keys(V2_CLOUDS), 'login.windows.net', 'sts.windows.net']);

/**
 * @param issuer the `iss` claim of a v1.0 or v2.0 token
 * @returns undefined for any other issuer
 */
export function recogniseIssuer(issuer: string): EntraIssuer | undefined {
  const [, v2Host = '', v2Tenant = ''] = V2.exec(issuer) ?? [];
  if (Object.hasOwn(V2_CLOUDS, v2Host)) {
    const cloud = V2_CLOUDS[v2Host as keyof typeof V2_CLOUDS];
    return { cloud, tenantId: v2Tenant.toLowerCase(), authorities: [issuer] };
  }
  if (EXTERNAL.exec(v2Host)?.[1]?.toLowerCase() === v2Tenant.toLowerCase() && v2Tenant) {
    return { cloud: 'external', tenantId: v2Tenant.toLowerCase(), authorities: [issuer] };
  }
  const [, v1Host = '', tenant = ''] = V1.exec(issuer) ?? [];
  if (!Object.hasOwn(V1_HOSTS, v1Host)) return undefined;
  const { cloud, hosts } = V1_HOSTS[v1Host as keyof typeof V1_HOSTS];
  const authorities = hosts.map((host) => `https://${host}/${tenant}`);
  return { cloud, tenantId: tenant.toLowerCase(), authorities };
}

/** True if an Entra issuer may publish its keys at this URL. */
export function isEntraKeyHost(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === 'https:' && (KEY_HOSTS.has(host) || EXTERNAL.test(host));
}
