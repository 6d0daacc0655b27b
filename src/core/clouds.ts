export const CLOUDS = ['public', 'usgov', 'china'] as const;

export type Cloud = (typeof CLOUDS)[number];

/**
 * Sign-in hosts of each cloud. The first one is used in place of the others, which are older names
 * or aliases that MSAL lists too.
 * https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
const SIGN_IN_HOSTS: Readonly<Record<Cloud, readonly [string, ...string[]]>> = {
  public: [
    'login.microsoftonline.com',
    'login.windows.net',
    'login.microsoft.com',
    'sts.windows.net',
  ],
  usgov: ['login.microsoftonline.us', 'login.usgovcloudapi.net', 'login-us.microsoftonline.com'],
  china: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
};

/** Microsoft Graph, https://learn.microsoft.com/graph/deployments */
const GRAPHS: Readonly<Record<Cloud, string>> = {
  public: 'https://graph.microsoft.com',
  usgov: 'https://graph.microsoft.us',
  china: 'https://microsoftgraph.chinacloudapi.cn',
};

/** The ids of Microsoft Graph, of every cloud, in an `aud` claim or a scope; in lower case. */
export const GRAPH_IDS: readonly string[] = [
  '00000003-0000-0000-c000-000000000000',
  ...Object.values(GRAPHS),
  'https://dod-graph.microsoft.us',
];

export function signInHost(cloud: Cloud): string {
  return SIGN_IN_HOSTS[cloud][0];
}

/** The cloud of a URL by its host; undefined if it is none of Microsoft's, or no URL. */
export function cloudOf(url: string | undefined): Cloud | undefined {
  const host = hostOf(url);
  return CLOUDS.find((cloud) => host !== undefined && SIGN_IN_HOSTS[cloud].includes(host));
}

/** Microsoft Graph of the cloud. @returns a URL without trailing slash */
export function graphOf(cloud: Cloud = 'public'): string {
  return GRAPHS[cloud];
}

/**
 * The audience that a cloud expects of a federated token.
 * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust
 */
export function exchangeAudience(cloud: Cloud): string {
  return `api://AzureADTokenExchange${{ public: '', usgov: 'USGov', china: 'China' }[cloud]}`;
}

/** @returns host and port in lower case, undefined if it is no URL */
export function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}
