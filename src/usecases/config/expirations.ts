import { startDeadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { type NamedReference, referenceOf } from '../../profiles/reference.ts';
import { resolveSettings } from '../../profiles/resolve-settings.ts';
import type { CredentialRef, Profile } from '../../profiles/schema.ts';
import type { ProfilesFile } from '../../profiles/store.ts';
import { openCertificate } from '../credentials/credential.ts';
import {
  type CredentialSource,
  findOwnCredential,
  usableRefs,
  usedCertificatePath,
} from '../credentials/credential-source.ts';
import { examineReference } from '../credentials/examine-reference.ts';
import { readSession } from '../token/signed-in.ts';

const LIMIT_SECONDS = 10;

/** A credential or refresh token of a profile, and when it ends. */
export interface Expiration {
  readonly kind: 'client secret' | 'certificate' | 'federated token' | 'refresh token';
  /** The secret store (`keyring` or `file`), the path of a file, what is referred to, or `cache`. */
  readonly place: string;
  /** Seconds since the epoch; absent if not known. */
  readonly endsOn?: number | undefined;
  /** When it begins, likewise. */
  readonly startsOn?: number;
  /** Why it could not be read. */
  readonly problem?: CliError;
}

/**
 * The credential that is used first comes first. A client secret is not read, because its end is only
 * known if it was recorded; nor is anything that a reference names. Credentials in the environment do
 * not count.
 */
export async function findExpirations(
  app: App,
  file: ProfilesFile,
  profile: Profile,
): Promise<Expiration[]> {
  const reference = referenceOf(profile);
  const credentials: (Expiration | undefined)[] = [];
  if (reference) credentials.push(ofReference(app, profile, reference));
  else {
    for (const ref of usableRefs(profile).reverse())
      credentials.push(await ofStored(app, profile, ref));
    credentials.push(await ofCertificateFile(app, profile));
  }
  const all = [...credentials, await ofSignIn(app, file, profile)];
  return all.filter((each) => each !== undefined);
}

/** Says whether a reference could be read, without reading it. */
function ofReference(app: App, { name }: Profile, reference: NamedReference): Expiration {
  const { kind, place, problem, note } = examineReference(app, reference);
  if (problem === undefined) return { kind, place: note ? `${place} (${note})` : place };
  const message = `no ${kind} from ${place}: ${problem}`;
  const hint = `tokencli config show -p ${name}`;
  return { kind, place, problem: new CliError('store_unavailable', message, { hint }) };
}

/** The refresh token, if a person signs in. */
async function ofSignIn(
  app: App,
  file: ProfilesFile,
  profile: Profile,
): Promise<Expiration | undefined> {
  if (resolveSettings(profile, {}, {}).flow.value === 'ClientCredentials') return undefined;
  const known = { kind: 'refresh token', place: 'cache' } as const;
  const session = await readSession(app, file, profile);
  if (session instanceof CliError) return { ...known, problem: session };
  if (session?.refreshToken === undefined) return undefined;
  return { ...known, endsOn: session.refreshTokenExpiresOn };
}

async function ofStored(app: App, profile: Profile, ref: CredentialRef): Promise<Expiration> {
  const { store: place, expiresOn } = ref;
  const kind = ref.kind === 'clientSecret' ? 'client secret' : 'certificate';
  if (expiresOn !== undefined) return { kind, place, endsOn: Date.parse(expiresOn) / 1000 };
  if (kind === 'client secret') return { kind, place };
  const source = { kind, from: 'store', ref, fingerprint: '' } as const;
  return { kind, place, ...(await readEnd(app, profile, () => source)) };
}

/** @returns undefined if the file is not used, for example because there is a client secret */
async function ofCertificateFile(app: App, profile: Profile): Promise<Expiration | undefined> {
  const place = usedCertificatePath(profile);
  if (place === undefined) return undefined;
  const passwords = profile.credentials?.filter(({ kind }) => kind === 'certificatePassword');
  const alone = { ...profile, useCertificate: true, credentials: passwords };
  const found = await readEnd(app, profile, () => findOwnCredential(app, alone));
  return { kind: 'certificate', place, ...found };
}

async function readEnd(
  app: App,
  profile: Profile,
  find: () => CredentialSource,
): Promise<Pick<Expiration, 'startsOn' | 'endsOn' | 'problem'>> {
  try {
    const source = find();
    if (source.kind !== 'certificate') return {};
    const deadline = startDeadline(LIMIT_SECONDS, app.interrupted);
    const { notBefore, notAfter } = await openCertificate(app, profile, source, deadline);
    return { startsOn: notBefore, endsOn: notAfter };
  } catch (error) {
    if (!(error instanceof CliError) || app.interrupted.aborted) throw error;
    return { problem: error };
  }
}
