import { CLIENT_ID_RULES, isClientId } from '../../core/client-id.ts';
import { FLOW_NAMES, type FlowName, parseFlowName } from '../../core/flow-names.ts';
import { PROFILE_NAME } from '../../core/names.ts';
import type { App } from '../../core/ports.ts';
import { isSharedTenant, isTenant } from '../../core/tenant.ts';
import type { CertificateCredential } from '../../entra/choose-certificate.ts';
import { checkAppScopes, splitScopes } from '../../entra/scopes.ts';
import { graphScope } from '../../profiles/settings.ts';
import { findValid, type ProfilesFile } from '../../profiles/store.ts';
import type { NewSecret } from '../secrets/commit-secrets.ts';
import { commandLineOf } from './command-line.ts';
import { askForCredential, referenceFlag, required } from './credential-questions.ts';
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

type Given = FieldFlags & Readonly<Record<string, unknown>>;

export interface Answers {
  /** By the names of the command line. */
  readonly flags: Record<string, unknown>;
  readonly secrets: NewSecret[];
  /** A certificate that was made during the questions; it is also among the secrets. */
  readonly made?: CertificateCredential | undefined;
  /** Does the same without questions. */
  readonly commandLine: string;
}

/** Asks for everything that no flag gives. */
export async function askForProfile(app: App, given: Given, file: ProfilesFile): Promise<Answers> {
  // refuse wrong flags before the first question
  const standIn = { name: 'new', clientId: NO_CLIENT, tenantId: 'new.example' };
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
  const { secrets, words, made } = await askForCredential(app, given, flags, file.store);
  const all = { ...given, ...flags };
  const hasCredential =
    secrets.length > 0 || all.certificate !== undefined || referenceFlag(all) !== undefined;
  const isShared = isSharedTenant(String(given['tenant-id'] ?? flags['tenant-id'] ?? ''));
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
  const line = commandLineOf('tokencli config create', { ...given, ...flags }, words);
  const name = String(given['name'] ?? flags['name']);
  const commandLine = made ? `${line}\n  tokencli cert create -p ${name}` : line;
  return { flags, secrets, made, commandLine };
}

/**
 * @param likely is offered first
 * @param isShared true for `common` and the like, where no application can sign in as itself
 */
export async function askForFlow(
  app: App,
  likely: string | undefined,
  isShared = false,
): Promise<FlowName> {
  const first = parseFlowName(likely ?? '') ?? 'ClientCredentials';
  const all = [first, ...FLOW_NAMES.filter((name) => name !== first)];
  const names = all.filter((name) => !isShared || name !== 'ClientCredentials');
  const prompter = await app.prompter();
  return prompter.select(
    'Flow',
    names.map((name) => ({ value: name, name })),
  );
}

function checkName(answer: string, given: Given, file: ProfilesFile): string | undefined {
  const name = answer.trim();
  if (!PROFILE_NAME.test(name)) return 'letters, digits, dots, underscores and hyphens, at most 64';
  const taken = findValid(file, name) !== undefined;
  return taken && given['force'] !== true ? 'there is already a profile of this name' : undefined;
}

function checkClientId(answer: string, { protocol }: Given): string | undefined {
  const kind = protocol === 'oidc' ? 'oidc' : 'entra';
  return isClientId(answer.trim(), kind) ? undefined : CLIENT_ID_RULES[kind];
}

function checkScope(answer: string, flow: string, protocol: string | undefined) {
  if (answer.includes('//TENANT.')) return "put your tenant's name in the place of TENANT";
  const alone = parseFlowName(flow) === 'ClientCredentials' && protocol !== 'oidc';
  return alone ? checkAppScopes(splitScopes([answer])) : undefined;
}
