import { CliError } from '../../core/errors.ts';
import type { Source } from '../../core/origin.ts';
import type { App } from '../../core/ports.ts';
import { NOT_MEANT, setAsideVariable } from '../../profiles/choose-flow.ts';
import type { CredentialRef, Profile } from '../../profiles/schema.ts';
import { FAMILIES, variablesFor } from '../../profiles/variables.ts';
import { type FileOrigin, fileOfProfile } from './certificate-file.ts';
import { certificateFile, inEnvironment } from './environment-source.ts';
import { type PasswordSource, passwordFor } from './password-source.ts';
import { blameOf, findReference, type ReferenceSource } from './reference-source.ts';

/** Where a credential comes from. Everything here is known without opening a secret store. */
export type CredentialSource = {
  /**
   * Changes when the credential does. It may be the hash of a secret, so it must pass a keyed hash
   * before it reaches a file.
   */
  readonly fingerprint: string;
  /** During a rollover: what the profile has besides, the next one to try first. */
  readonly spares?: readonly CredentialSource[];
} & (
  | ReferenceSource
  | { readonly kind: 'secret'; readonly from: 'environment'; readonly variable: string }
  | { readonly kind: 'secret'; readonly from: 'store'; readonly ref: CredentialRef }
  | { readonly kind: 'certificate'; readonly from: 'store'; readonly ref: CredentialRef }
  | ({
      readonly kind: 'certificate';
      /** As read for the fingerprint, so that the credential is surely the one it names. */
      readonly bytes: Buffer;
      readonly password: PasswordSource;
      /** Who names the file, or the variable that holds it. */
      readonly origin: FileOrigin;
    } & (
      | { readonly from: 'environment'; readonly variable: string }
      | {
          readonly from: 'file';
          readonly path: string;
          /** The environment variable that names the file, if it is not the profile. */
          readonly variable?: string;
        }
    ))
);

/** What `findCredential` needs. There is no secret store, because none is opened. */
export type SourceApp = Pick<App, 'clock' | 'env' | 'userHome' | 'workingFolder'>;

/**
 * Looks in the environment first, then in the profile: for its reference, else for its newest
 * credential of the kinds that `useCertificate` allows.
 * @throws CliError usage (a secret and a certificate in TOKENCLI variables), invalid_data (the
 * certificate file cannot be read), interaction_required (no credential at all)
 */
export function findCredential(app: SourceApp, profile: Profile): CredentialSource {
  const env = variablesFor(profile, app.env);
  for (const family of FAMILIES) {
    const found = inEnvironment({ ...app, env }, family);
    if (found) return found;
  }
  const found = findReference(app, profile) ?? withSpares(sourcesOf(app, profile));
  if (found) return found;
  const aside = setAsideVariable(profile, app.env);
  const instead = aside ? `; or set TOKENCLI_CLIENT_SECRET, for ${aside} ${NOT_MEANT}` : '';
  throw new CliError('interaction_required', noCredential(profile), {
    hint: `tokencli config edit -p ${profile.name}${instead}`,
  });
}

/**
 * The profile's own credential, whatever the environment would use in its place; only the password
 * of its certificate file may come from there.
 * @throws as `findCredential`
 */
export function findOwnCredential(app: SourceApp, profile: Profile): CredentialSource {
  const name = 'TOKENCLI_CLIENT_CERTIFICATE_PASSWORD';
  return findCredential({ ...app, env: { [name]: app.env[name] } }, profile);
}

/** Where a credential comes from, as the variable that names or holds it, or the profile. */
export function originOf(source: CredentialSource): Source {
  return (source.from === 'store' ? undefined : source.variable) ?? 'profile';
}

/** What is to be corrected when a credential is refused. */
export function culpritOf(source: CredentialSource): Source {
  return source.from === 'reference' ? blameOf(source) : originOf(source);
}

/** The references to what a profile may sign in with, the newest last. */
export function usableRefs({ useCertificate, credentials = [] }: Profile): CredentialRef[] {
  return credentials.filter(({ kind }) =>
    kind === 'certificate' ? useCertificate !== false : kind === 'clientSecret' && !useCertificate,
  );
}

/** The path of the certificate file if it is used: by default where there is no client secret. */
export function usedCertificatePath(profile: Profile): string | undefined {
  const { useCertificate, certificatePath, credentials = [] } = profile;
  const hasSecret = credentials.some(({ kind }) => kind === 'clientSecret');
  return (useCertificate ?? !hasSecret) ? certificatePath : undefined;
}

/**
 * The newest first. Those whose recorded end is over come last; they stay, because our clock may
 * be wrong.
 */
function sourcesOf(app: SourceApp, profile: Profile): CredentialSource[] {
  const now = app.clock.now() * 1000;
  const ended = ({ expiresOn }: CredentialRef) =>
    expiresOn !== undefined && Date.parse(expiresOn) <= now;
  const newestFirst = usableRefs(profile).reverse();
  const inStore = [...newestFirst.filter((ref) => !ended(ref)), ...newestFirst.filter(ended)];
  return [...inStore.map(stored), ...fileOf(app, profile, inStore.length > 0)];
}

/** Joins the sources. The fingerprint is that of the whole set, so that it changes with any of them. */
function withSpares([first, ...spares]: readonly CredentialSource[]): CredentialSource | undefined {
  if (!first || spares.length === 0) return first;
  const prints = [first, ...spares].map(({ fingerprint }) => fingerprint).sort();
  return { ...first, spares, fingerprint: prints.join(' ') };
}

/** @param isSpare true if other credentials come first: then a file that cannot be read is left out */
function fileOf(app: SourceApp, profile: Profile, isSpare: boolean): CredentialSource[] {
  const path = usedCertificatePath(profile);
  if (path === undefined) return [];
  const password = passwordFor(app.env, profile);
  try {
    return [certificateFile(app, path, password, fileOfProfile(profile.name))];
  } catch (error) {
    if (isSpare) return [];
    throw error;
  }
}

function stored(ref: CredentialRef): CredentialSource {
  const kind = ref.kind === 'clientSecret' ? 'secret' : 'certificate';
  return { kind, from: 'store', ref, fingerprint: `store:${ref.id}` };
}

function noCredential({ name, useCertificate }: Profile): string {
  if (useCertificate) return `profile ${name} uses a certificate, but has none`;
  return `profile ${name} has no client secret and no certificate`;
}
