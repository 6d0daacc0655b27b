import { CliError } from '../core/errors.ts';
import type { App, StoreKind } from '../core/ports.ts';
import { isGuid } from '../core/tenant.ts';
import { checkValidity, toPemBundle } from '../entra/certificate.ts';
import type { CredentialRef, Profile } from '../profiles/schema.ts';
import { openVault } from '../secrets/vault.ts';
import { loadCertificateFile } from './certificate-file.ts';
import type { FieldFlags } from './profile-draft.ts';
import { readSecret, secretFlags } from './secret-input.ts';

type SecretKind = CredentialRef['kind'];

/** A secret that is to be stored, checked as far as that is possible. */
export interface NewSecret {
  readonly kind: SecretKind;
  readonly value: string;
  /** ISO 8601, if known. */
  readonly expiresOn?: string;
}

type Arguments = FieldFlags & Readonly<Record<string, unknown>>;

/**
 * What the flags bring: a client secret, or a certificate with its password. A certificate is opened
 * here, so that one that cannot be used is refused before anything is stored.
 * @param existing the certificate of the profile, whose password alone may be changed
 */
export async function readNewSecrets(
  app: App,
  args: Arguments,
  existing?: string,
): Promise<NewSecret[]> {
  const secretFlag = secretFlags(args, 'client-secret');
  const passwordFlag = secretFlags(args, 'certificate-password');
  if (secretFlag.stdin && passwordFlag.stdin) {
    throw new CliError('usage', 'only one secret can come from stdin');
  }
  const secret = await readSecret(app, 'client-secret', secretFlag);
  const password = await readSecret(app, 'certificate-password', passwordFlag);
  const path = args.certificate ?? existing;
  if (secret !== undefined && args.certificate !== undefined) {
    throw new CliError('usage', 'give a client secret or a certificate, not both');
  }
  if (args['import-certificate'] === true && args.certificate === undefined) {
    throw new CliError('usage', '--import-certificate needs --certificate FILE');
  }
  if (secret !== undefined) return [clientSecret(app, secret)];
  if (path === undefined && password === undefined) return [];
  if (path === undefined) {
    throw new CliError('usage', 'a certificate password needs a certificate: --certificate FILE');
  }
  if (args.certificate === undefined && password === undefined) return [];
  return certificate(app, path, password, args['import-certificate'] === true);
}

export function clientSecret(app: App, value: string): NewSecret {
  if (isGuid(value)) {
    app.talk.warn(
      'this looks like the id of a client secret; its value is needed, shown only once',
    );
  }
  return { kind: 'clientSecret', value };
}

export async function certificate(
  app: App,
  path: string,
  password: string | undefined,
  byValue: boolean,
): Promise<NewSecret[]> {
  const opened = await loadCertificateFile(app, path, password ?? '');
  app.talk.hide(opened.privateKey);
  const warning = checkValidity(opened, app.clock.now());
  if (warning) app.talk.warn(warning);
  const expiresOn = new Date(opened.notAfter * 1000).toISOString();
  if (byValue) return [{ kind: 'certificate', value: toPemBundle(opened), expiresOn }];
  return password === undefined ? [] : [{ kind: 'certificatePassword', value: password }];
}

/**
 * Stores new secrets under new ids, then commits the profile that names them. If the commit fails
 * they are removed again: a profile never names a secret that is not there.
 */
export async function storeAndCommit<T>(
  app: App,
  kind: StoreKind,
  secrets: readonly NewSecret[],
  commit: (refs: CredentialRef[]) => Promise<T>,
): Promise<T> {
  if (secrets.length === 0) return commit([]);
  const vault = openVault(await app.secretStore(kind));
  const refs: CredentialRef[] = [];
  try {
    for (const { value, ...rest } of secrets) {
      refs.push({ ...rest, id: await vault.save(rest.kind, value), store: kind });
    }
    return await commit(refs);
  } catch (error) {
    for (const ref of refs) await vault.remove(ref.kind, ref.id).catch(() => {});
    throw error;
  }
}

/**
 * Removes secrets that no profile names any more.
 * @returns those that could not be removed; a warning has been given for each
 */
export async function removeSecrets(
  app: App,
  refs: readonly CredentialRef[],
): Promise<CredentialRef[]> {
  const left: CredentialRef[] = [];
  for (const ref of refs) {
    try {
      await openVault(await app.secretStore(ref.store)).remove(ref.kind, ref.id);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      app.talk.warn(`an old ${ref.kind} stays in the store: ${error.message}`);
      left.push(ref);
    }
  }
  return left;
}

/** The profile with the new references in the place of those of the same purpose. */
export function withCredentials(profile: Profile, fresh: readonly CredentialRef[]): Profile {
  if (fresh.length === 0) return profile;
  const kept = (profile.credentials ?? []).filter((ref) => !replaces(fresh, ref));
  return { ...profile, credentials: [...kept, ...fresh] };
}

/** A new certificate takes the place of the old one and of its password. */
function replaces(fresh: readonly CredentialRef[], { kind }: CredentialRef): boolean {
  return fresh.some(
    (ref) => ref.kind === kind || (ref.kind === 'certificate' && kind === 'certificatePassword'),
  );
}
