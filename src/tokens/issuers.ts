import { CLOUDS, signInHost } from '../core/clouds.ts';
import { GUID } from '../core/tenant.ts';

const ISSUER = new RegExp(`^https://([\\w.-]+)/(${GUID.source})/(v2\\.0)?$`);
const EXTERNAL = new RegExp(`^(${GUID.source})\\.ciamlogin\\.com$`);

/** v1.0 tokens of the US government cloud name the same issuer as those of the public cloud. */
const V1_HOSTS = {
  'sts.windows.net': { cloud: 'public', clouds: ['public', 'usgov'] },
  'sts.chinacloudapi.cn': { cloud: 'china', clouds: ['china'] },
} as const;

const KEY_HOSTS = new Set([...CLOUDS.map(signInHost), 'login.windows.net', 'sts.windows.net']);

/**
 * Recognises an issuer of Microsoft Entra by the exact form of its URL.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 * @param issuer the `iss` claim of a v1.0 or v2.0 token
 * @returns its cloud, the tenant's id in lower case, and the base URLs that may have its discovery
 *   document, the likeliest first; undefined for any other issuer
 */
export function recogniseIssuer(issuer: string) {
  const [, host = '', tenant = '', isV2] = ISSUER.exec(issuer) ?? [];
  const tenantId = tenant.toLowerCase();
  if (isV2) {
    const isExternal = EXTERNAL.exec(host)?.[1]?.toLowerCase() === tenantId;
    const cloud = isExternal
      ? ('external' as const)
      : CLOUDS.find((each) => signInHost(each) === host);
    return cloud && { cloud, tenantId, authorities: [issuer] };
  }
  if (!Object.hasOwn(V1_HOSTS, host)) return undefined;
  const { cloud, clouds } = V1_HOSTS[host as keyof typeof V1_HOSTS];
  const authorities = clouds.map((each) => `https://${signInHost(each)}/${tenant}`);
  return { cloud, tenantId, authorities };
}

/** True if an Entra issuer may publish its keys at this URL. */
export function isEntraKeyHost(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === 'https:' && (KEY_HOSTS.has(host) || EXTERNAL.test(host));
}
