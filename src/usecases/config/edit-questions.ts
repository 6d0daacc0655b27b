import { whyNotAsked } from '../../core/ci.ts';
import { CliError } from '../../core/errors.ts';
import type { App, StoreKind } from '../../core/ports.ts';
import { formatReference } from '../../profiles/reference-text.ts';
import type { Profile } from '../../profiles/schema.ts';
import { graphScope, resolveSettings, scopesOf } from '../../profiles/settings.ts';
import type { NewSecret } from '../secrets/commit-secrets.ts';
import { commandLineOf } from './command-line.ts';
import { certificate, clientSecret } from './credential-change.ts';
import { askForCertificate, checkKeyring, problemOf, required } from './credential-questions.ts';
import { checkDraft, type FieldFlags, fieldsOf } from './profile-draft.ts';
import { editedProfile } from './profile-edit.ts';
import { askForFlow, suggestScopes } from './profile-questions.ts';

export interface EditAnswers {
  /** By the names of the command line. */
  readonly flags: Record<string, unknown>;
  readonly secrets: NewSecret[];
  /** Does the same without questions. */
  readonly commandLine: string;
}

const CLOUDS = ['public', 'usgov', 'china'] as const;

interface Edited {
  readonly profile: Profile;
  /** That of profiles.json. */
  readonly store: StoreKind | undefined;
}

/** Asks which field to change, and for its new value. */
export async function askWhatToEdit(
  app: App,
  { profile, store }: Edited,
  given: Readonly<Record<string, unknown>>,
): Promise<EditAnswers> {
  const { name } = profile;
  if (!app.log.interactive) {
    throw new CliError('usage', `say what to change: ${whyNotAsked(app)}`, {
      hint: 'tokencli config edit --help',
    });
  }
  const prompter = await app.prompter();
  const what = await prompter.select(`What is to be changed in '${name}'?`, menuOf(profile));
  const { flags, secrets, words } = await askFor(app, { profile, store }, what);
  const all = { ...flags, verify: given['verify'], 'keep-old': given['keep-old'] };
  const commandLine = commandLineOf(`tokencli config edit -p ${name}`, all, words);
  return { flags, secrets, commandLine };
}

type Field = (typeof FIELDS)[number][0];

const FIELDS = [
  ['secret', 'Client Secret'],
  ['certificate', 'Certificate'],
  ['client-id', 'Application (client) ID'],
  ['tenant-id', 'Tenant ID or domain'],
  ['scope', 'Scopes'],
  ['flow', 'Flow'],
  ['client-secret-from', 'Client Secret by reference (env:, file:, command:)'],
  ['certificate-from', 'Certificate by reference'],
  ['assertion-from', 'Federated token by reference'],
  ['cloud', 'Cloud'],
  ['authority', 'Authority'],
  ['redirect-uri', 'Redirect URI'],
  ['login-hint', 'Login hint'],
  ['ca-file', 'Certificate authorities (PEM file)'],
] as const;

function menuOf(profile: Profile) {
  const now: Partial<Record<Field, string | undefined>> = {
    certificate: profile.certificatePath,
    'client-secret-from': profile.clientSecretFrom && formatReference(profile.clientSecretFrom),
    'certificate-from': profile.certificateFrom && formatReference(profile.certificateFrom),
    'assertion-from': profile.assertionFrom && formatReference(profile.assertionFrom),
    'client-id': profile.clientId,
    'tenant-id': profile.tenantId,
    scope: scopesOf(profile).join(' '),
    flow: profile.flow,
    cloud: profile.cloud,
    authority: profile.authority,
    'redirect-uri': profile.redirectUri,
    'login-hint': profile.loginHint,
    'ca-file': profile.caFile,
  };
  return FIELDS.map(([value, name]) => {
    const description = now[value];
    return description ? { value, name, description: `now: ${description}` } : { value, name };
  });
}

async function askFor(app: App, { profile, store }: Edited, what: Field) {
  const prompter = await app.prompter();
  if (what === 'secret') {
    await checkKeyring(app, store);
    const message = 'New client secret';
    const secret = await prompter.password({ message, validate: required });
    app.log.registerSecret(secret);
    const secrets = [clientSecret(app, secret)];
    return { flags: {}, secrets, words: '--client-secret-stdin' };
  }
  if (what === 'certificate') {
    const { path, password } = await askForCertificate(app, store);
    const secrets = await certificate(app, path, password, false);
    const words = password === undefined ? '' : '--certificate-password-stdin';
    return { flags: { certificate: path }, secrets, words };
  }
  const flags = { [what]: await askForValue(app, profile, what) };
  return { flags, secrets: [], words: '' };
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
