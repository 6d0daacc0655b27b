import { didYouMean } from '../core/closest-name.ts';
import { CLOUDS, type Cloud, graphOf } from '../core/clouds.ts';
import { CliError } from '../core/errors.ts';
import { sameName } from '../core/names.ts';
import { isShortName } from './scopes.ts';

/** A resource by the name that people know it by. */
export interface NamedResource {
  readonly name: string;
  readonly describe: string;
  /**
   * The resource in each cloud, to which `/.default` is appended; a cloud that has none, or none
   * that Microsoft documents, is left out. Words in capitals stand for names that the user puts in.
   */
  readonly uris: Readonly<Partial<Record<Cloud, string>>>;
}

/**
 * Short names for `--resource`. A resource that Microsoft writes with a slash at its end has one
 * here, and gets a scope with two: https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 * The others are what the Azure SDKs request (`azure-sdk-for-net`, `azure-cli/core/cloud.py`).
 */
export const RESOURCES: readonly NamedResource[] = [
  {
    name: 'graph',
    describe: 'Microsoft Graph',
    uris: Object.fromEntries(CLOUDS.map((cloud) => [cloud, graphOf(cloud)])),
  },
  resource('arm', 'Azure Resource Manager', [
    'https://management.azure.com',
    'https://management.usgovcloudapi.net',
    'https://management.chinacloudapi.cn',
  ]),
  resource('keyvault', 'Key Vault', [
    'https://vault.azure.net',
    'https://vault.usgovcloudapi.net',
    'https://vault.azure.cn',
  ]),
  resource('managedhsm', 'Managed HSM', [
    'https://managedhsm.azure.net',
    'https://managedhsm.usgovcloudapi.net',
    'https://managedhsm.azure.cn',
  ]),
  everywhere('storage', 'Storage: blobs, queues, tables, files', 'https://storage.azure.com'),
  resource('sql', 'SQL Database, Managed Instance, Synapse SQL', [
    'https://database.windows.net/',
    'https://database.usgovcloudapi.net/',
    'https://database.chinacloudapi.cn/',
  ]),
  ...['postgres', 'mysql'].map((name) =>
    resource(name, `Azure Database for ${name === 'mysql' ? 'MySQL' : 'PostgreSQL'}`, [
      'https://ossrdbms-aad.database.windows.net',
      'https://ossrdbms-aad.database.usgovcloudapi.net',
      'https://ossrdbms-aad.database.chinacloudapi.cn',
    ]),
  ),
  resource('cosmos', 'Cosmos DB', ['https://cosmos.azure.com']),
  resource('devops', 'Azure DevOps: Repos, Artifacts, Pipelines', [
    '499b84ac-1321-427f-aa17-267ca6975798',
  ]),
  everywhere('aks', 'Azure Kubernetes Service', '6dae42f8-4368-4678-94ff-3960e28e3630'),
  everywhere('servicebus', 'Service Bus', 'https://servicebus.azure.net'),
  everywhere('eventhubs', 'Event Hubs', 'https://eventhubs.azure.net'),
  resource('appconfig', 'App Configuration', [
    'https://appconfig.azure.com',
    'https://appconfig.azure.us',
    'https://appconfig.azure.cn',
  ]),
  resource('cognitive', 'AI services, Azure OpenAI', [
    'https://cognitiveservices.azure.com',
    'https://cognitiveservices.azure.us',
    'https://cognitiveservices.azure.cn',
  ]),
  resource('search', 'AI Search', [
    'https://search.azure.com',
    'https://search.azure.us',
    'https://search.azure.cn',
  ]),
  resource('loganalytics', 'Azure Monitor: queries of logs', [
    'https://api.loganalytics.io',
    'https://api.loganalytics.us',
    'https://api.loganalytics.azure.cn',
  ]),
  resource('appinsights', 'Application Insights: queries', [
    'https://api.applicationinsights.io',
    'https://api.applicationinsights.us',
    'https://api.applicationinsights.azure.cn',
  ]),
  resource('monitor', 'Azure Monitor: sending logs and metrics', [
    'https://monitor.azure.com/',
    'https://monitor.azure.us/',
    'https://monitor.azure.cn/',
  ]),
  resource('batch', 'Batch', [
    'https://batch.core.windows.net/',
    'https://batch.core.usgovcloudapi.net/',
    'https://batch.chinacloudapi.cn/',
  ]),
  resource('synapse', 'Synapse Analytics', [
    'https://dev.azuresynapse.net',
    'https://dev.azuresynapse.usgovcloudapi.net',
    'https://dev.azuresynapse.azure.cn',
  ]),
  everywhere('databricks', 'Azure Databricks', '2ff814a6-3304-4ab8-85cb-cd0e6f879c1d'),
  resource('fabric', 'Microsoft Fabric', ['https://api.fabric.microsoft.com']),
  resource('powerbi', 'Power BI', ['https://analysis.windows.net/powerbi/api']),
  resource('exchange', 'Exchange Online: IMAP, SMTP, EWS', [
    'https://outlook.office365.com',
    'https://outlook.office365.us',
    'https://partner.outlook.cn',
  ]),
  resource('sharepoint', 'SharePoint Online', [
    'https://TENANT.sharepoint.com',
    'https://TENANT.sharepoint.us',
    'https://TENANT.sharepoint.cn',
  ]),
  resource('dynamics', 'Dynamics 365, Dataverse', ['https://ORGANIZATION.REGION.dynamics.com']),
  resource('kusto', 'Azure Data Explorer', [
    'https://CLUSTER.REGION.kusto.windows.net',
    'https://CLUSTER.REGION.kusto.usgovcloudapi.net',
    'https://CLUSTER.REGION.kusto.chinacloudapi.cn',
  ]),
];

/**
 * The resource that a short name stands for in a cloud. URIs, GUIDs and hosts are returned unchanged.
 * @param option that the text was given with
 * @throws CliError usage for an unknown name, one that the cloud lacks, or one that needs a host
 */
export function resolveResource(text: string, cloud: Cloud, option = '--resource'): string {
  if (!isShortName(text)) return text;
  const found = RESOURCES.find(({ name }) => sameName(name, text));
  if (!found) {
    const names = RESOURCES.map(({ name }) => name);
    const meant = didYouMean(text, names);
    throw unusable(`there is no resource '${text}'${meant}`, 'tokencli help resources');
  }
  const uri = found.uris[cloud];
  if (uri === undefined) {
    throw unusable(
      `no '${found.name}' is known in the cloud ${cloud}`,
      'name the resource by its URI',
    );
  }
  if (!needsHost(uri)) return uri;
  throw unusable(
    `'${found.name}' has a host of your own, which the name does not say`,
    `${option} ${uri}`,
  );
}

/** The resources for which the short name is enough. */
export function resourcesWithoutHost(): NamedResource[] {
  return RESOURCES.filter(({ uris }) => !Object.values(uris).some(needsHost));
}

/** True if a part of the URI, in capitals, stands for a name that the user must put in. */
function needsHost(uri: string): boolean {
  return /[A-Z]{2}/.test(uri);
}

function unusable(message: string, hint: string): CliError {
  return new CliError('usage', message, { hint });
}

/** @param uris in the order of `CLOUDS` */
function resource(name: string, describe: string, uris: readonly string[]): NamedResource {
  const known = uris.map((uri, index) => [CLOUDS[index], uri]);
  return { name, describe, uris: Object.fromEntries(known) };
}

function everywhere(name: string, describe: string, uri: string): NamedResource {
  return resource(name, describe, [uri, uri, uri]);
}
