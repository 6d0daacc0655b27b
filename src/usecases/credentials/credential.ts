import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { Credential } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import { withoutLineEnd } from '../../core/text.ts';
import type { CertificateCredential } from '../../entra/choose-certificate.ts';
import type { CredentialRef, Profile } from '../../profiles/schema.ts';
import { openVault } from '../../secrets/vault.ts';
import { refuseNoSecret } from '../secrets/secret-flaw.ts';
import { type FileOrigin, fileOfReference } from './certificate-file.ts';
import type { CredentialSource } from './credential-source.ts';
import type { PasswordSource } from './password-source.ts';
import { blameOf, titleOf } from './reference-source.ts';
import type { ReferenceApp } from './resolve-reference.ts';

export type CertificateSource = Exclude<CredentialSource, { kind: 'secret' }>;

/** What loading a credential needs. */
export type CredentialApp = ReferenceApp & Pick<App, 'clock' | 'pkcs12' | 'secretStore'>;

export const KIND_NAMES = {
  clientSecret: 'client secret',
  certificate: 'certificate',
  certificatePassword: 'certificate password',
} as const;

/**
 * Loads the credential. An assertion is read only when a request is sent. Warns when a certificate
 * ends within 30 days.
 * @throws CliError invalid_data (gone from the store, unreadable, expired), store_unavailable
 */
export async function loadCredential(
  app: CredentialApp,
  profile: Profile,
  source: CredentialSource,
  deadline: Deadline,
): Promise<Credential> {
  if (source.kind === 'certificate') return loadCertificate(app, profile, source, deadline);
  if (source.from === 'reference') {
    const { readReferredText } = await import('./resolve-reference.ts');
    const get = () => readReferredText(app, profile, source, deadline);
    if (source.kind === 'assertion') return { kind: 'assertion', get };
    return { kind: 'secret', secret: await get() };
  }
  if (source.from === 'store') {
    return { kind: 'secret', secret: await readStored(app, profile, source.ref) };
  }
  const secret = fromEnvironment(app, source.variable);
  refuseNoSecret(secret, source.variable);
  return { kind: 'secret', secret };
}

async function loadCertificate(
  app: CredentialApp,
  profile: Profile,
  source: CertificateSource,
  deadline: Deadline,
): Promise<CertificateCredential> {
  const { checkValidity } = await import('../../entra/choose-certificate.ts');
  const certificate = await openCertificate(app, profile, source, deadline);
  const renew = source.from === 'store' ? undefined : originOfFile(profile, source).cure;
  const warning = checkValidity(certificate, app.clock.now(), renew);
  if (warning) app.log.warn(`${warning} (profile ${profile.name})`);
  return certificate;
}

/** Gets a certificate, also one that has expired. @throws CliError invalid_data, store_unavailable */
export async function openCertificate(
  app: CredentialApp,
  profile: Profile,
  source: CertificateSource,
  deadline: Deadline,
): Promise<CertificateCredential> {
  const { parseCertificate, parseCertificateText } = await import('./parse-certificate.ts');
  if (source.from === 'store') {
    return parseCertificateText(app, await readStored(app, profile, source.ref));
  }
  if (source.from === 'environment') app.log.registerSecret(source.bytes.toString());
  const password = await readPassword(app, profile, source.password);
  const origin = originOfFile(profile, source);
  if (source.from !== 'reference') {
    const name = source.from === 'file' ? source.path : source.variable;
    return parseCertificate(app, source.bytes, password, name, origin);
  }
  const { readReference } = await import('./resolve-reference.ts');
  const bytes = await readReference(app, profile, source, deadline);
  return parseCertificate(app, bytes, password, titleOf(source), origin);
}

type FileSource = Exclude<CertificateSource, { from: 'store' }>;

/** If a variable gives the password, a wrong one is corrected there. */
function originOfFile(profile: Profile, source: FileSource): FileOrigin {
  const { password } = source;
  const origin =
    source.from === 'reference' ? fileOfReference(profile.name, blameOf(source)) : source.origin;
  if (password.from !== 'environment') return origin;
  return { ...origin, password: `correct ${password.variable}` };
}

async function readPassword(
  app: CredentialApp,
  profile: Profile,
  source: PasswordSource,
): Promise<string> {
  if (source.from === 'store') return readStored(app, profile, source.ref);
  if (source.from === 'person') return source.value;
  return source.from === 'environment' ? fromEnvironment(app, source.variable) : '';
}

/** The variable is set, because the source was found by it and the environment never changes. */
function fromEnvironment({ env, log }: Pick<App, 'env' | 'log'>, variable: string): string {
  const value = withoutLineEnd(env[variable] ?? '');
  log.registerSecret(value);
  return value;
}

/** @throws CliError invalid_data when the store has proven that it is gone, store_unavailable */
export async function readStored(
  app: Pick<App, 'log' | 'secretStore'>,
  profile: Profile,
  ref: CredentialRef,
): Promise<string> {
  const store = await app.secretStore(ref.store);
  const value = await openVault(store).read(ref.kind, ref.id);
  if (value === undefined) {
    const what = `the ${KIND_NAMES[ref.kind]} of profile ${profile.name}`;
    throw new CliError('invalid_data', `${what} is gone from the ${store.label()}`, {
      hint: `tokencli config edit -p ${profile.name}`,
    });
  }
  app.log.registerSecret(value);
  return value;
}
