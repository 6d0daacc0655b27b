import { startDeadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import type { CredentialRef, Profile } from '../../profiles/schema.ts';
import { resolveSettings } from '../../profiles/settings.ts';
import type { ProfilesFile } from '../../profiles/store.ts';
import { openCertificate } from '../credentials/credential.ts';
import { findOwnCredential, usableRefs } from '../credentials/credential-source.ts';
import { openProfileCache } from '../token/profile-cache.ts';

const LOCK_SECONDS = 10;

/** Something that a profile works with, and when that ends. */
export interface Expiration {
  readonly kind: 'client secret' | 'certificate' | 'refresh token';
  /** `keyring`, `file`: the secret store; a path; `cache`. */
  readonly place: string;
  /** Seconds since the epoch; absent if nobody has recorded it. */
  readonly endsOn?: number;
  /** The same of its beginning. */
  readonly startsOn?: number;
  /** Why it could not be looked at. */
  readonly problem?: CliError;
  /** One of perhaps several credentials, of which any will do. */
  readonly isCredential: boolean;
}

/**
 * The credential that is used first comes first. A secret is not read: its end is what was recorded.
 * The environment is left aside: the question is about the profile.
 */
export async function findExpirations(
  app: App,
  file: ProfilesFile,
  profile: Profile,
): Promise<Expiration[]> {
  const credentials: Expiration[] = [];
  for (const ref of usableRefs(profile).reverse())
    credentials.push(await ofStored(app, profile, ref));
  const further = [await ofCertificateFile(app, profile), await ofSignIn(app, file, profile)];
  return [...credentials, ...further.filter((each) => each !== undefined)];
}

/** Where a person signs in: what renews tokens without asking again. */
async function ofSignIn(
  app: App,
  file: ProfilesFile,
  profile: Profile,
): Promise<Expiration | undefined> {
  if (resolveSettings(profile, {}, {}).flow.value === 'ClientCredentials') return undefined;
  const known = { kind: 'refresh token', place: 'cache', isCredential: false } as const;
  const deadline = startDeadline(LOCK_SECONDS, app.interrupted);
  try {
    const session = await (await openProfileCache(app, { file, profile, deadline })).session();
    if (session?.refreshToken === undefined) return undefined;
    const { refreshTokenExpiresOn: endsOn } = session;
    return { ...known, ...(endsOn !== undefined && { endsOn }) };
  } catch (error) {
    if (!(error instanceof CliError) || app.interrupted.aborted) throw error;
    return { ...known, problem: error };
  }
}

async function ofStored(app: App, profile: Profile, ref: CredentialRef): Promise<Expiration> {
  const { kind, store, expiresOn } = ref;
  const known = { place: store, isCredential: true } as const;
  if (expiresOn !== undefined) {
    const name = kind === 'clientSecret' ? 'client secret' : 'certificate';
    return { ...known, kind: name, endsOn: Date.parse(expiresOn) / 1000 };
  }
  if (kind === 'clientSecret') return { ...known, kind: 'client secret' };
  const source = { kind: 'certificate', from: 'store', ref, fingerprint: '' } as const;
  return { ...known, kind: 'certificate', ...(await look(app, profile, () => source)) };
}

/** Undefined where the file would not be used, as beside a client secret. */
async function ofCertificateFile(app: App, profile: Profile): Promise<Expiration | undefined> {
  const { certificatePath, credentials = [] } = profile;
  const hasSecret = credentials.some(({ kind }) => kind === 'clientSecret');
  if (certificatePath === undefined || !(profile.useCertificate ?? !hasSecret)) return undefined;
  const passwords = credentials.filter(({ kind }) => kind === 'certificatePassword');
  const alone = { ...profile, useCertificate: true, credentials: passwords };
  const found = await look(app, profile, () => findOwnCredential(app, alone));
  return { kind: 'certificate', place: certificatePath, isCredential: true, ...found };
}

type Source = ReturnType<typeof findOwnCredential>;

async function look(
  app: App,
  profile: Profile,
  find: () => Source,
): Promise<Pick<Expiration, 'startsOn' | 'endsOn' | 'problem'>> {
  try {
    const source = find();
    if (source.kind !== 'certificate') return {};
    const { notBefore, notAfter } = await openCertificate(app, profile, source);
    return { startsOn: notBefore, endsOn: notAfter };
  } catch (error) {
    if (!(error instanceof CliError) || app.interrupted.aborted) throw error;
    return { problem: error };
  }
}
