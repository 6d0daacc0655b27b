import { CliError } from '../../core/errors.ts';
import type { App, StoreKind } from '../../core/ports.ts';
import type { CertificateCredential } from '../../entra/choose-certificate.ts';
import { REFERENCE_FLAGS, type ReferenceField } from '../../profiles/reference.ts';
import { parseReference, REFERENCE_FORMS } from '../../profiles/reference-text.ts';
import { storeKindOf, tryStore } from '../../secrets/vault.ts';
import { readCertificateFile } from '../credentials/certificate-file.ts';
import { prepareCer } from '../credentials/certificate-text.ts';
import { makeCertificate } from '../credentials/new-certificate.ts';
import { loadCertificateFile } from '../credentials/parse-certificate.ts';
import type { NewSecret } from '../secrets/commit-secrets.ts';
import {
  newClientSecret,
  passwordFromVariable,
  readNewSecrets,
  secretsOfCertificate,
} from './credential-change.ts';
import type { FieldFlags } from './profile-draft.ts';

export interface AskedCredential {
  /** By the names of the command line. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly secrets: readonly NewSecret[];
  /** The flag by which a command line would give the secret. */
  readonly secretFlag: string;
  /** A certificate that was made during the questions; it is also among the secrets. */
  readonly made?: CertificateCredential;
}

const NONE: AskedCredential = { flags: {}, secrets: [], secretFlag: '' };

/**
 * Asks how the application signs in, unless flags tell it.
 * @param store that of profiles.json
 */
export async function askForCredential(
  app: App,
  given: FieldFlags,
  store: StoreKind | undefined,
): Promise<AskedCredential> {
  const byFlag = await readNewSecrets(app, given);
  const stated =
    byFlag.length > 0 || given.certificate !== undefined || referenceFlag(given) !== undefined;
  if (stated) return { ...NONE, secrets: byFlag };
  const prompter = await app.prompter();
  const how = await prompter.select('How does the application sign in?', [
    { value: 'secret', name: 'Client secret' },
    { value: 'certificate', name: 'Certificate (PFX or PEM file)' },
    {
      value: 'none',
      name: 'Not at all: a person signs in, or the environment brings a credential',
    },
    { value: 'new', name: 'A new certificate, made now' },
    {
      value: 'reference',
      name: 'By what a variable, a file, a command or a job holds when needed',
    },
  ]);
  if (how === 'none') return NONE;
  if (how === 'secret') return askForSecret(app, store, 'Client secret', given['secret-expires']);
  if (how === 'reference') return { ...NONE, flags: await askForReference(app) };
  if (how === 'certificate') return askForCertificate(app, store);
  await checkKeyring(app, store);
  const name = String(given['name']);
  prepareCer(app, `${name}.cer`);
  const { certificate: made, secret } = await makeCertificate(app, `CN=${name}`);
  return { ...NONE, secrets: [secret], made };
}

/** @returns the flag by which a reference is given, if any */
export function referenceFlag(flags: Readonly<Record<string, unknown>>): string | undefined {
  return Object.values(REFERENCE_FLAGS).find((flag) => flags[flag] !== undefined);
}

async function askForReference(app: App) {
  const prompter = await app.prompter();
  const field = await prompter.select<ReferenceField>('What is there?', [
    { value: 'clientSecretFrom', name: 'The client secret' },
    { value: 'certificateFrom', name: 'A certificate with its key (PEM, or a PFX)' },
    { value: 'assertionFrom', name: 'A federated token (workload identity)' },
  ]);
  const flag = REFERENCE_FLAGS[field];
  const isService = field === 'assertionFrom';
  const text = await prompter.input({
    message: `Where? ${isService ? 'github, azurePipelines:ID, ' : ''}${REFERENCE_FORMS}`,
    suggestions: ['env:', 'file:', 'command:["'].concat(isService ? ['github'] : []),
    validate: (typed) => required(typed) ?? problemOf(() => parseReference(field, typed.trim())),
  });
  return { [flag]: text.trim() };
}

/**
 * Called before a secret is asked for, so that nobody enters one in vain.
 * @throws CliError store_unavailable
 */
async function checkKeyring(app: App, store: StoreKind | undefined): Promise<void> {
  // a sealed file is made, and its passphrase chosen, only once there is something to keep
  if (storeKindOf(app.env, store) === 'keyring') await tryStore(await app.secretStore('keyring'));
}

/** @param expires when the secret ends, such as `2030-01-31` */
export async function askForSecret(
  app: App,
  store: StoreKind | undefined,
  message: string,
  expires?: string,
): Promise<AskedCredential> {
  await checkKeyring(app, store);
  const prompter = await app.prompter();
  const secret = await prompter.password({ message, validate: required });
  app.log.registerSecret(secret);
  const secrets = [newClientSecret(app, secret, expires)];
  return { flags: {}, secrets, secretFlag: '--client-secret-stdin' };
}

/** Asks for a password only if the file does not open without one. */
export async function askForCertificate(app: App, store?: StoreKind): Promise<AskedCredential> {
  const prompter = await app.prompter();
  const answer = await prompter.input({
    message: 'Certificate file',
    validate: (typed) => required(typed) ?? problemOf(() => readCertificateFile(app, typed.trim())),
  });
  const path = answer.trim();
  let password = '';
  if (!(await opens(app, path))) {
    await checkKeyring(app, store);
    password = await prompter.password({ message: 'Password of the file (empty: none)' });
    app.log.registerSecret(password);
  }
  const secrets = await secretsOfCertificate(app, path, password || undefined, false);
  const secretFlag = password ? '--certificate-password-stdin' : '';
  return { flags: { certificate: path }, secrets, secretFlag };
}

/** @returns the message of the error that the check throws, as a prompt shows it */
export function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
}

async function opens(app: App, path: string): Promise<boolean> {
  try {
    await loadCertificateFile(app, path, passwordFromVariable(app));
    return true;
  } catch {
    // the caller opens it again with a password and then reports the error
    return false;
  }
}

export function required(answer: string): string | undefined {
  return answer.trim() === '' ? 'a value is needed' : undefined;
}
