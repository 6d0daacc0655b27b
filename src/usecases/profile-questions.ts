import { CliError } from '../core/errors.ts';
import { FLOW_NAMES, type FlowName, parseFlowName } from '../core/flow-names.ts';
import type { App } from '../core/ports.ts';
import { checkAppScopes, splitScopes } from '../entra/scopes.ts';
import { DEFAULT_SCOPE } from '../profiles/resolve.ts';
import { isTenant, PROFILE_NAME } from '../profiles/schema.ts';
import type { ProfilesFile } from '../profiles/store.ts';
import { loadCertificateFile, readCertificateFile } from './certificate-file.ts';
import { commandLineOf } from './command-line.ts';
import { certificate, clientSecret, type NewSecret, readNewSecrets } from './credential-change.ts';
import type { FieldFlags } from './profile-draft.ts';

/** Microsoft Graph, Azure management, Office 365 management, and SharePoint by the tenant's name. */
const APP_SCOPES = [
  DEFAULT_SCOPE,
  'https://management.azure.com/.default',
  'https://manage.office.com/.default',
  'https://TENANT.sharepoint.com/.default',
];
const USER_SCOPES = [
  'https://graph.microsoft.com/User.Read',
  'https://management.azure.com/user_impersonation',
  'https://manage.office.com/ActivityFeed.Read',
  'https://TENANT.sharepoint.com/AllSites.Read',
];

/** What many ask for, first what fits the flow. */
export function suggestScopes(flow: string | undefined): string[] {
  const isApp = parseFlowName(flow ?? '') === 'ClientCredentials';
  return isApp ? APP_SCOPES : [...USER_SCOPES, ...APP_SCOPES];
}

type Given = FieldFlags & Readonly<Record<string, unknown>>;

export interface Answers {
  /** In the spelling of the flags, so that both ways meet in one place. */
  readonly flags: Record<string, unknown>;
  readonly secrets: NewSecret[];
  /** Would do the same without a question. */
  readonly commandLine: string;
}

/** Asks for what no flag has said. */
export async function askForProfile(app: App, given: Given, file: ProfilesFile): Promise<Answers> {
  const prompter = await app.prompter();
  const flags: Record<string, unknown> = {};
  const ask = async (flag: string, message: string, rest: object) => {
    if (given[flag] === undefined)
      flags[flag] = (await prompter.input({ message, ...rest })).trim();
  };
  await ask('name', 'Profile name', {
    validate: (answer: string) => checkName(answer, given, file),
  });
  await ask('client-id', 'Application (client) ID', { validate: required });
  if (given.protocol !== 'oidc') {
    await ask('tenant-id', 'Tenant ID or domain', {
      validate: (answer: string) =>
        isTenant(answer.trim()) ? undefined : 'a GUID or a domain such as contoso.onmicrosoft.com',
    });
  }
  const { secrets, words } = await askForCredential(app, given, flags);
  const hasCredential =
    secrets.length > 0 || (given.certificate ?? flags['certificate']) !== undefined;
  const flow =
    given.flow ??
    (await askForFlow(app, hasCredential ? 'ClientCredentials' : 'InteractiveBrowser'));
  flags['flow'] = flow;
  if (given.scope === undefined) {
    const scope = await prompter.input({
      message: 'Scope',
      default: DEFAULT_SCOPE,
      suggestions: suggestScopes(flow),
      validate: (answer) => required(answer) ?? checkScope(answer, flow, given.protocol),
    });
    flags['scope'] = [scope.trim()];
  }
  return {
    flags,
    secrets,
    commandLine: commandLineOf('tokencli config create', { ...given, ...flags }, words),
  };
}

async function askForCredential(app: App, given: Given, flags: Record<string, unknown>) {
  const byFlag = await readNewSecrets(app, given);
  const stated = byFlag.length > 0 || given.certificate !== undefined;
  if (stated) return { secrets: byFlag, words: '' };
  const prompter = await app.prompter();
  const how = await prompter.select('How does the application sign in?', [
    { value: 'secret', name: 'Client secret' },
    { value: 'certificate', name: 'Certificate (PFX or PEM file)' },
    {
      value: 'none',
      name: 'Not at all: a person signs in, or the environment brings a credential',
    },
  ]);
  if (how === 'none') return { secrets: [], words: '' };
  if (how === 'secret') {
    const secret = await prompter.password({ message: 'Client secret', validate: required });
    app.talk.hide(secret);
    return {
      secrets: [clientSecret(app, secret, given['secret-expires'])],
      words: '--client-secret-stdin',
    };
  }
  const { path, password } = await askForCertificate(app);
  flags['certificate'] = path;
  const secrets = await certificate(app, path, password, given['import-certificate'] === true);
  return { secrets, words: password ? '--certificate-password-stdin' : '' };
}

/** A password is asked for only where the file does not open without one. */
export async function askForCertificate(app: App) {
  const prompter = await app.prompter();
  const path = await prompter.input({
    message: 'Certificate file',
    validate: (answer) => required(answer) ?? problemOfFile(app, answer.trim()),
  });
  if (await opens(app, path.trim())) return { path: path.trim(), password: undefined };
  const password = await prompter.password({ message: 'Password of the file (empty: none)' });
  if (password) app.talk.hide(password);
  return { path: path.trim(), password: password || undefined };
}

function problemOfFile(app: App, path: string): string | undefined {
  try {
    readCertificateFile(app, path);
    return undefined;
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
}

async function opens(app: App, path: string): Promise<boolean> {
  try {
    app.talk.hide((await loadCertificateFile(app, path, '')).privateKey);
    return true;
  } catch {
    // why not is told when it is opened for good
    return false;
  }
}

/** @param likely what is offered first */
export async function askForFlow(app: App, likely: string | undefined): Promise<FlowName> {
  const first = parseFlowName(likely ?? '') ?? 'ClientCredentials';
  const names = [first, ...FLOW_NAMES.filter((name) => name !== first)];
  const prompter = await app.prompter();
  return prompter.select(
    'Flow',
    names.map((name) => ({ value: name, name })),
  );
}

function checkName(answer: string, given: Given, file: ProfilesFile): string | undefined {
  const name = answer.trim();
  if (!PROFILE_NAME.test(name)) return 'letters, digits, dots, underscores and hyphens, at most 64';
  const taken = file.profiles.some((each) => each.name.toLowerCase() === name.toLowerCase());
  return taken && given['force'] !== true ? 'there is already a profile of this name' : undefined;
}

function checkScope(answer: string, flow: string, protocol: string | undefined) {
  if (answer.includes('//TENANT.')) return "put your tenant's name in the place of TENANT";
  const alone = parseFlowName(flow) === 'ClientCredentials' && protocol !== 'oidc';
  return alone ? checkAppScopes(splitScopes([answer])) : undefined;
}

export function required(answer: string): string | undefined {
  return answer.trim() === '' ? 'a value is needed' : undefined;
}
