import { FLOW_NAMES, type FlowName, parseFlowName } from '../core/flow-names.ts';
import type { App } from '../core/ports.ts';
import { checkAppScopes, splitScopes } from '../entra/scopes.ts';
import { DEFAULT_SCOPE } from '../profiles/resolve.ts';
import { isTenant, PROFILE_NAME } from '../profiles/schema.ts';
import type { ProfilesFile } from '../profiles/store.ts';
import { certificate, clientSecret, type NewSecret, readNewSecrets } from './credential-change.ts';
import type { FieldFlags } from './profile-draft.ts';

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
  const flow = given.flow ?? (await askForFlow(app, hasCredential));
  flags['flow'] = flow;
  if (given.scope === undefined) {
    const scope = await prompter.input({
      message: 'Scope',
      default: DEFAULT_SCOPE,
      validate: (answer) => required(answer) ?? checkScope(answer, flow, given.protocol),
    });
    flags['scope'] = [scope.trim()];
  }
  return { flags, secrets, commandLine: commandLineOf({ ...given, ...flags }, words) };
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
    return { secrets: [clientSecret(app, secret)], words: '--client-secret-stdin' };
  }
  flags['certificate'] = (
    await prompter.input({ message: 'Certificate file', validate: required })
  ).trim();
  const password = await prompter.password({ message: 'Password of the file (empty: none)' });
  if (password) app.talk.hide(password);
  const path = String(flags['certificate']);
  const byValue = given['import-certificate'] === true;
  const secrets = await certificate(app, path, password || undefined, byValue);
  return { secrets, words: password ? '--certificate-password-stdin' : '' };
}

async function askForFlow(app: App, hasCredential: boolean): Promise<FlowName> {
  const first: FlowName = hasCredential ? 'ClientCredentials' : 'InteractiveBrowser';
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
  const alone = parseFlowName(flow) === 'ClientCredentials' && protocol !== 'oidc';
  return alone ? checkAppScopes(splitScopes([answer])) : undefined;
}

function required(answer: string): string | undefined {
  return answer.trim() === '' ? 'a value is needed' : undefined;
}

/** The secret itself is never a part of it. */
function commandLineOf(flags: Readonly<Record<string, unknown>>, secretWord: string): string {
  const words = Object.entries(flags)
    .filter(
      ([name, value]) => /^[a-z][a-z0-9-]+$/.test(name) && value !== undefined && value !== false,
    )
    .filter(([name]) => !['verbose', 'debug', 'no-color', 'profile'].includes(name))
    .flatMap(([name, value]) => [value].flat().map((one) => wordOf(name, one)));
  return ['tokencli config create', ...words, secretWord].filter(Boolean).join(' ');
}

function wordOf(name: string, value: unknown): string {
  if (value === true) return `--${name}`;
  const text = String(value);
  return /^[\w@%+=:,./-]+$/.test(text)
    ? `--${name} ${text}`
    : `--${name} '${text.replaceAll("'", "'\\''")}'`;
}
