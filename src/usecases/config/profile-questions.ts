import { CLIENT_ID_RULES, isClientId } from '../../core/client-id.ts';
import { FLOW_NAMES, parseFlowName } from '../../core/flow-names.ts';
import { NAME_RULES, PROFILE_NAME } from '../../core/names.ts';
import type { App } from '../../core/ports.ts';
import { isSharedTenant, isTenant } from '../../core/tenant.ts';
import { checkAppScopes, splitScopes } from '../../entra/scopes.ts';
import { graphScope } from '../../profiles/resolve-settings.ts';
import { hasName, type ProfilesFile } from '../../profiles/store.ts';
import { commandLineOf } from './command-line.ts';
import {
  type AskedCredential,
  askForCredential,
  referenceFlag,
  required,
} from './credential-questions.ts';
import { checkDraft, type FieldFlags, fieldsOf } from './profile-draft.ts';

/** Azure management, Office 365 management, and SharePoint by the tenant's name. */
const APP_SCOPES = [
  'https://management.azure.com/.default',
  'https://manage.office.com/.default',
  'https://TENANT.sharepoint.com/.default',
];
const USER_SCOPES = [
  'https://management.azure.com/user_impersonation',
  'https://manage.office.com/ActivityFeed.Read',
  'https://TENANT.sharepoint.com/AllSites.Read',
];

/** Common scopes. Those that fit the flow come first. @param graph the Graph of the profile's cloud */
export function suggestScopes(flow: string | undefined, graph: string): string[] {
  const forApps = [graph, ...APP_SCOPES];
  if (parseFlowName(flow ?? '') === 'ClientCredentials') return forApps;
  return [graph.replace('.default', 'User.Read'), ...USER_SCOPES, ...forApps];
}

/** Stands for the id until it has been asked for. */
const NO_CLIENT = '00000000-0000-0000-0000-000000000000';

export interface Answers extends Omit<AskedCredential, 'secretFlag'> {
  /** Does the same without questions. */
  readonly commandLines: readonly string[];
}

/** Asks for everything that no flag gives. */
export async function askForProfile(
  app: App,
  given: FieldFlags,
  file: ProfilesFile,
): Promise<Answers> {
  // refuse wrong flags before the first question
  const standIn = {
    name: String(given['name'] ?? 'new'),
    clientId: NO_CLIENT,
    tenantId: 'new.example',
  };
  checkDraft(app, { ...standIn, ...fieldsOf(app, given) });
  const prompter = await app.prompter();
  const flags: Record<string, unknown> = {};
  const ask = async (flag: string, message: string, rest: object) => {
    if (given[flag] === undefined)
      flags[flag] = (await prompter.input({ message, ...rest })).trim();
  };
  await ask('name', 'Profile name', {
    validate: (answer: string) => checkName(answer, given, file),
  });
  await ask('client-id', 'Application (client) ID', {
    validate: (answer: string) => required(answer) ?? checkClientId(answer, given),
  });
  if (given.protocol !== 'oidc') {
    await ask('tenant-id', 'Tenant ID or domain', {
      validate: (answer: string) =>
        isTenant(answer.trim()) ? undefined : 'a GUID or a domain such as contoso.onmicrosoft.com',
    });
  }
  const asked = await askForCredential(app, { ...given, ...flags }, file.store);
  const { secrets, secretFlag, made } = asked;
  Object.assign(flags, asked.flags);
  const all: FieldFlags = { ...given, ...flags };
  const hasCredential =
    secrets.length > 0 || all.certificate !== undefined || referenceFlag(all) !== undefined;
  const isShared = isSharedTenant(all['tenant-id'] ?? '');
  const canBeAlone = hasCredential && !isShared;
  const flow =
    given.flow ??
    (await askForFlow(app, canBeAlone ? 'ClientCredentials' : 'InteractiveBrowser', isShared));
  flags['flow'] = flow;
  if (given.scope === undefined) {
    const graph = graphScope(fieldsOf(app, given));
    const scope = await prompter.input({
      message: 'Scope',
      default: graph,
      suggestions: suggestScopes(flow, graph),
      validate: (answer) => required(answer) ?? checkScope(answer, flow, given.protocol),
    });
    flags['scope'] = [scope.trim()];
  }
  const line = commandLineOf('tokencli config create', { ...given, ...flags }, secretFlag);
  const commandLines = made ? [line, `tokencli cert create -p ${all['name']}`] : [line];
  return { ...asked, flags, commandLines };
}

/**
 * @param likely is offered first
 * @param isShared true for `common` and the like, where no application can sign in as itself
 */
export async function askForFlow(app: App, likely: string | undefined, isShared = false) {
  const first = parseFlowName(likely ?? '') ?? 'ClientCredentials';
  const all = [first, ...FLOW_NAMES.filter((name) => name !== first)];
  const names = all.filter((name) => !isShared || name !== 'ClientCredentials');
  const prompter = await app.prompter();
  return prompter.select(
    'Flow',
    names.map((name) => ({ value: name, name })),
  );
}

function checkName(answer: string, given: FieldFlags, file: ProfilesFile): string | undefined {
  const name = answer.trim();
  if (!PROFILE_NAME.test(name)) return NAME_RULES;
  return hasName(file, name) && given['force'] !== true
    ? 'there is already a profile of this name'
    : undefined;
}

function checkClientId(answer: string, { protocol }: FieldFlags): string | undefined {
  const kind = protocol === 'oidc' ? 'oidc' : 'entra';
  return isClientId(answer.trim(), kind) ? undefined : CLIENT_ID_RULES[kind];
}

function checkScope(answer: string, flow: string, protocol: string | undefined) {
  if (answer.includes('//TENANT.')) return "put your tenant's name in the place of TENANT";
  const alone = parseFlowName(flow) === 'ClientCredentials' && protocol !== 'oidc';
  return alone ? checkAppScopes(splitScopes([answer])) : undefined;
}
