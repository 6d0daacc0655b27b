import { whyNotAsked } from '../../core/ci.ts';
import { CLOUDS } from '../../core/clouds.ts';
import { CliError } from '../../core/errors.ts';
import type { App, StoreKind } from '../../core/ports.ts';
import { formatReference } from '../../profiles/reference-text.ts';
import { graphScope, resolveSettings, scopesOf } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
import { commandLineOf } from './command-line.ts';
import {
  type AskedCredential,
  askForCertificate,
  askForSecret,
  problemOf,
  required,
} from './credential-questions.ts';
import { checkDraft, type FieldFlags, fieldsOf } from './profile-draft.ts';
import { editedProfile } from './profile-edit.ts';
import { type Answers, askForFlow, suggestScopes } from './profile-questions.ts';

/** Asks which field to change, and for its new value. @param store that of profiles.json */
export async function askWhatToEdit(
  app: App,
  profile: Profile,
  store: StoreKind | undefined,
  given: Readonly<Record<string, unknown>>,
): Promise<Answers> {
  const { name } = profile;
  if (!app.log.interactive) {
    throw new CliError('usage', `say what to change: ${whyNotAsked(app)}`, {
      hint: 'tokencli config edit --help',
    });
  }
  const prompter = await app.prompter();
  const what = await prompter.select(`What is to be changed in '${name}'?`, menuOf(profile));
  const asked = await askFor(app, profile, store, what);
  const all = { ...asked.flags, verify: given['verify'], 'keep-old': given['keep-old'] };
  const commandLine = commandLineOf(`tokencli config edit -p ${name}`, all, asked.secretFlag);
  return { ...asked, commandLines: [commandLine] };
}

type Field = (typeof FIELDS)[number][0];

/** Of each entry its flag or kind, its name in the menu, and the field that has its value now. */
const FIELDS = [
  ['secret', 'Client Secret'],
  ['certificate', 'Certificate', 'certificatePath'],
  ['client-id', 'Application (client) ID', 'clientId'],
  ['tenant-id', 'Tenant ID or domain', 'tenantId'],
  ['scope', 'Scopes', 'scopes'],
  ['flow', 'Flow', 'flow'],
  ['client-secret-from', 'Client Secret by reference (env:, file:, command:)', 'clientSecretFrom'],
  ['certificate-from', 'Certificate by reference', 'certificateFrom'],
  ['assertion-from', 'Federated token by reference', 'assertionFrom'],
  ['cloud', 'Cloud', 'cloud'],
  ['authority', 'Authority', 'authority'],
  ['redirect-uri', 'Redirect URI', 'redirectUri'],
  ['login-hint', 'Login hint', 'loginHint'],
  ['ca-file', 'Certificate authorities (PEM file)', 'caFile'],
] as const;

function menuOf(profile: Profile) {
  return FIELDS.map(([value, name, field]) => {
    const now = field === undefined ? '' : textOf(profile, field);
    return now ? { value, name, description: `now: ${now}` } : { value, name };
  });
}

function textOf(profile: Profile, field: NonNullable<(typeof FIELDS)[number][2]>) {
  if (field === 'scopes') return scopesOf(profile).join(' ');
  const value = profile[field];
  return typeof value === 'object' ? formatReference(value) : value;
}

async function askFor(
  app: App,
  profile: Profile,
  store: StoreKind | undefined,
  what: Field,
): Promise<AskedCredential> {
  if (what === 'secret') return askForSecret(app, store, 'New client secret');
  if (what === 'certificate') return askForCertificate(app, store);
  const flags = { [what]: await askForValue(app, profile, what) };
  return { flags, secrets: [], secretFlag: '' };
}

async function askForValue(app: App, profile: Profile, what: Exclude<Field, 'secret'>) {
  const prompter = await app.prompter();
  if (what === 'flow') return askForFlow(app, profile.flow);
  if (what === 'cloud') {
    return prompter.select(
      'Cloud',
      CLOUDS.map((value) => ({ value, name: value })),
    );
  }
  const { flow } = resolveSettings(profile, {}, {});
  const answer = await prompter.input({
    message: 'New value',
    validate: (typed) =>
      required(typed) ?? problemOf(() => checkAnswer(app, profile, what, typed.trim())),
    ...(what === 'scope' && { suggestions: suggestScopes(flow.value, graphScope(profile)) }),
  });
  return what === 'scope' ? [answer.trim()] : answer.trim();
}

/** Checks an answer like the value of a flag. */
function checkAnswer(app: App, profile: Profile, what: string, typed: string): void {
  const flags: FieldFlags = { [what]: what === 'scope' ? [typed] : typed };
  checkDraft(app, editedProfile(profile, { fields: fieldsOf(app, flags), refs: [] }));
}
