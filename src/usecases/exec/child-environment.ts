import type { Env } from '../../core/ports.ts';
import { withoutSecretVariables } from '../../core/secret-variables.ts';
import type { TokenRecord } from '../../tokens/records.ts';
import type { Endpoint } from './endpoint.ts';
import type { TokenVariable } from './exec-options.ts';

/** Holds the name of the profile in the environment of a program that `exec` runs. */
export const MARK = 'TOKENCLI_EXEC';

/**
 * With these the SDKs would take our server for that of Service Fabric or Azure Arc, or use TLS
 * with it.
 */
const MISLEADING = ['IDENTITY_SERVER_THUMBPRINT', 'IMDS_ENDPOINT', 'AZD_AUTH_CERT'];

/**
 * Terraform's azurerm takes any of these before a managed identity.
 * https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs#argument-reference
 */
const TERRAFORM_SECRETS = [
  ...['ARM_CLIENT_SECRET', 'ARM_CLIENT_SECRET_FILE_PATH', 'ARM_CLIENT_CERTIFICATE'],
  ...['ARM_CLIENT_CERTIFICATE_PATH', 'ARM_CLIENT_CERTIFICATE_PASSWORD'],
  ...['ARM_OIDC_TOKEN', 'ARM_OIDC_TOKEN_FILE_PATH', 'ARM_OIDC_REQUEST_TOKEN'],
];

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
const LOOPBACK = ['127.0.0.1', 'localhost'];

export interface ChildOptions {
  readonly profile: string;
  readonly endpoint: Endpoint;
  /** With `--terraform`; `tenantId` only where the profile names a tenant of its own. */
  readonly terraform?: { readonly tenantId?: string };
  /** Variables that the profile names as the place of its credential. */
  readonly references: readonly string[];
}

/**
 * The environment of the program: without secrets, and with the variables by which each kind of SDK
 * finds our server.
 */
export function childEnvironment(env: Env, options: ChildOptions): Env {
  const { profile, endpoint, terraform, references } = options;
  const removed = [...references, ...MISLEADING, ...(terraform ? TERRAFORM_SECRETS : [])];
  return {
    ...withoutSecretVariables(env, removed),
    ...proxyExceptions(env),
    ...ownVariables(profile, endpoint),
    ...(terraform && terraformVariables(endpoint)),
    ...(terraform?.tenantId !== undefined && { ARM_TENANT_ID: terraform.tenantId }),
  };
}

function terraformVariables({ base, pathKey }: Endpoint) {
  return {
    ARM_USE_MSI: 'true',
    ARM_MSI_ENDPOINT: `${base}/${pathKey}/metadata/identity/oauth2/token`,
    ARM_USE_CLI: 'false',
    ARM_USE_OIDC: 'false',
    ARM_USE_AKS_WORKLOAD_IDENTITY: 'false',
  };
}

function ownVariables(profile: string, { base, headerKey, pathKey }: Endpoint) {
  return {
    IDENTITY_ENDPOINT: `${base}/msi/token`,
    IDENTITY_HEADER: headerKey,
    MSI_ENDPOINT: `${base}/${pathKey}/msi/token`,
    MSI_SECRET: headerKey,
    AZURE_POD_IDENTITY_AUTHORITY_HOST: `${base}/${pathKey}`,
    AZD_AUTH_ENDPOINT: base,
    AZD_AUTH_KEY: headerKey,
    // else DefaultAzureCredential goes on to other identities when ours answers with an error
    AZURE_TOKEN_CREDENTIALS: 'prod',
    [MARK]: profile,
  };
}

const NOWHERE: Endpoint = { base: '', headerKey: '', pathKey: '' };

/** The variables that programs get, in capitals; `--env` must leave them as they are. */
export const OWN_VARIABLES: readonly string[] = [
  ...Object.keys({ ...ownVariables('', NOWHERE), ...terraformVariables(NOWHERE) }),
  ...['ARM_TENANT_ID', 'NO_PROXY'],
];

/** What `--env` asks for. */
export function tokenVariables(variables: readonly TokenVariable[], token: TokenRecord): Env {
  const value = `Bearer ${token.accessToken}`;
  const forms = {
    token: token.accessToken,
    header: `Authorization: ${value}`,
    headervalue: value,
    expires: String(Math.floor(token.expiresOn)),
  };
  return Object.fromEntries(variables.map(({ name, form }) => [name, forms[form]]));
}

/** Where a proxy is set, most clients would ask it for 127.0.0.1 too. */
function proxyExceptions(env: Env): Env {
  const isSet = PROXIES.some((name) => env[name] || env[name.toLowerCase()]);
  if (!isSet) return {};
  const texts = [env['no_proxy'] ?? '', env['NO_PROXY'] ?? ''];
  const entries = texts.flatMap((text) => text.split(/[\s,]+/).filter(Boolean));
  const all = entries.includes('*') ? ['*'] : [...new Set([...entries, ...LOOPBACK])];
  return { NO_PROXY: all.join(','), no_proxy: all.join(',') };
}
