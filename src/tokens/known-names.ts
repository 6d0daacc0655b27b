import { GRAPH_IDS } from '../core/clouds.ts';

/** Names of the ids in Microsoft's tokens, as Microsoft publishes them. */

export const GRAPH = 'Microsoft Graph';

/**
 * The values of `aud` that mean an API, in lower case: its application id and its URIs without
 * trailing slash.
 * https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
 */
const APIS: Readonly<Record<string, readonly string[]>> = {
  [GRAPH]: GRAPH_IDS,
  'Azure AD Graph': ['00000002-0000-0000-c000-000000000000', 'https://graph.windows.net'],
  'Azure Resource Manager': [
    '797f4846-ba00-4fd7-ba43-dac1f8f63013',
    'https://management.azure.com',
    'https://management.core.windows.net',
    'https://management.usgovcloudapi.net',
    'https://management.chinacloudapi.cn',
  ],
  'Azure Key Vault': ['cfa8b339-82a2-471a-a3c9-0fc0be7a4093', 'https://vault.azure.net'],
  'Azure Storage': ['e406a681-f3d4-42a8-90b6-c2b029497af1', 'https://storage.azure.com'],
  'Azure SQL Database': ['022907d3-0f1b-48f7-badc-1ba6abab6d66', 'https://database.windows.net'],
  'Office 365 Exchange Online': [
    '00000002-0000-0ff1-ce00-000000000000',
    'https://outlook.office365.com',
    'https://outlook.office.com',
  ],
  'Office 365 SharePoint Online': ['00000003-0000-0ff1-ce00-000000000000'],
  'Office 365 Management APIs': [
    'c5393580-f805-4401-95e8-94b7a6ef2fc2',
    'https://manage.office.com',
  ],
  'Azure DevOps': ['499b84ac-1321-427f-aa17-267ca6975798'],
  'Power BI Service': [
    '00000009-0000-0000-c000-000000000000',
    'https://analysis.windows.net/powerbi/api',
  ],
  Dataverse: ['00000007-0000-0000-c000-000000000000'],
  'Azure Monitor Logs': ['ca7f3f0b-7d91-482c-8e09-c5d840d0eac5', 'https://api.loganalytics.io'],
  'Azure Kubernetes Service': ['6dae42f8-4368-4678-94ff-3960e28e3630'],
  'Azure Databricks': ['2ff814a6-3304-4ab8-85cb-cd0e6f879c1d'],
};

const CLIENTS: Readonly<Record<string, string>> = {
  '04b07795-8ddb-461a-bbee-02f9e1bf7b46': 'Azure CLI',
  '1950a258-227b-4e31-a9cf-717495945fc2': 'Azure PowerShell',
  '14d82eec-204b-4c2f-b7e8-296a70dab67e': 'Microsoft Graph Command Line Tools',
  'de8bc8b5-d9f9-48b1-a8ad-b748da725064': 'Graph Explorer',
  'aebc6443-996d-45c2-90f0-388ff96faa56': 'Visual Studio Code',
  '872cd9fa-d31f-45e0-9eab-6e460a02d1f1': 'Visual Studio',
};

// https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
const DIRECTORY_ROLES: Readonly<Record<string, string>> = {
  '62e90394-69f5-4237-9190-012177145e10': 'Global Administrator',
  'f2ef992c-3afb-46b9-b7cf-a126ee74c451': 'Global Reader',
  'e8611ab8-c189-46e8-94e1-60213ab1f814': 'Privileged Role Administrator',
  '7be44c8a-adaf-4e2a-84d6-ab2649e08a13': 'Privileged Authentication Administrator',
  'c4e39bd9-1100-46d3-8c65-fb160da0071f': 'Authentication Administrator',
  '0526716b-113d-4c15-b2c8-68e3c22b9f80': 'Authentication Policy Administrator',
  '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3': 'Application Administrator',
  '158c047a-c907-4556-b7ef-446551a6b5f7': 'Cloud Application Administrator',
  'cf1c38e5-3621-4004-a7cb-879624dced7c': 'Application Developer',
  'fe930be7-5e62-47db-91af-98c3a49a38b1': 'User Administrator',
  'fdd7a751-b60b-444a-984c-02652fe8fa1c': 'Groups Administrator',
  '729827e3-9c14-49f7-bb1b-9608f156bbb8': 'Helpdesk Administrator',
  '966707d0-3269-4727-9be2-8c3a10f19b9d': 'Password Administrator',
  '4d6ac14f-3453-41d0-bef9-a3e0c569773a': 'License Administrator',
  'b0f54661-2d74-4c50-afa3-1ec803f12efe': 'Billing Administrator',
  '194ae4cb-b126-40b2-bd5b-6091b380977d': 'Security Administrator',
  '5f2222b1-57c3-48ba-8ad5-d4759f1fde6f': 'Security Operator',
  '5d6b6bb7-de71-4623-b4af-96380a352509': 'Security Reader',
  'b1be1c3e-b65d-4f19-8427-f6fa0d97feb9': 'Conditional Access Administrator',
  '17315797-102d-40b4-93e0-432062caca18': 'Compliance Administrator',
  '29232cdf-9323-42fd-ade2-1d097af3e4de': 'Exchange Administrator',
  'f28a1f50-f6e7-4571-818b-6a12f2af6b6c': 'SharePoint Administrator',
  '69091246-20e8-4a56-aa4d-066075b2a7a8': 'Teams Administrator',
  '3a2c62db-5318-420d-8d74-23affee5d9d5': 'Intune Administrator',
  '44367163-eba1-44c3-98af-f5787879f96a': 'Dynamics 365 Administrator',
  '11648597-926c-4cf3-9c36-bcebb0ba8dcc': 'Power Platform Administrator',
  'a9ea8996-122f-4c74-9520-8edcd192826c': 'Fabric Administrator',
  'e3973bdf-4987-49ae-837a-ba8e231c7286': 'Azure DevOps Administrator',
  '7698a772-787b-4ac8-901f-60d6b08affd2': 'Cloud Device Administrator',
  '8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2': 'Hybrid Identity Administrator',
  '45d8d3c5-c802-45c6-b32a-1d70b5e1e86e': 'Identity Governance Administrator',
  '8329153b-31d0-4727-b945-745eb3bc5f31': 'Domain Name Administrator',
  'be2f45a1-457d-42af-a067-6ec1fa63bc45': 'External Identity Provider Administrator',
  'f023fd81-a637-4b56-95fd-791ac0226033': 'Service Support Administrator',
  '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b': 'Message Center Reader',
  '4a5d8f65-41da-4de4-8968-e035b65339cf': 'Reports Reader',
  '95e79109-95c0-4d8e-aee3-d01accf2d47b': 'Guest Inviter',
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b': 'Directory Readers',
  '9360feb5-f418-4baa-8175-e2a00bac4301': 'Directory Writers',
  'd29b2b05-8046-44ba-8758-1e26182fcf32': 'Directory Synchronization Accounts',
  'b79fbf4d-3ef9-4689-8143-76b194e85509': 'member (no directory role)',
};

const METHODS: Readonly<Record<string, string>> = {
  pwd: 'password',
  mfa: 'multi-factor',
  rsa: 'certificate or key',
  otp: 'one-time code',
  fed: 'federated sign-in',
  wia: 'Windows integrated',
  fido: 'FIDO2 key',
  ngcmfa: 'multi-factor (Windows Hello, phone sign-in)',
  x509: 'certificate',
};

const CLIENT_AUTHENTICATION: Readonly<Record<string, string>> = {
  '0': 'none (public client)',
  '1': 'a client secret',
  '2': 'a certificate or a federated assertion',
};

/**
 * Name of a Microsoft API.
 * @param audience a value of `aud`, in any case, with or without a trailing slash
 */
export function knownApi(audience: string): string | undefined {
  const bare = audience.toLowerCase().replace(/\/+$/, '');
  return Object.keys(APIS).find((name) => APIS[name]?.includes(bare));
}

/** True if both are equal, or are two identifiers of the same Microsoft API. */
export function sameAudience(one: string, other: string): boolean {
  const known = knownApi(one);
  return one === other || (known !== undefined && known === knownApi(other));
}

const lookUp = (names: Readonly<Record<string, string>>) => (id: string) =>
  Object.hasOwn(names, id.toLowerCase()) ? names[id.toLowerCase()] : undefined;

/** Name of a Microsoft application by its client id. */
export const knownClient = lookUp(CLIENTS);
/** Name of a directory role by its template id, a value of `wids`. */
export const directoryRole = lookUp(DIRECTORY_ROLES);
/** Name of an `amr` value. */
export const signInMethod = lookUp(METHODS);
/** Name of an `appidacr` or `azpacr` value: how the client authenticated. */
export const clientAuthentication = lookUp(CLIENT_AUTHENTICATION);
