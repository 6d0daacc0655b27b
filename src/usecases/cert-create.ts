import { CliError } from '../core/errors.ts';
import type { CertificateWish } from '../core/formats.ts';
import type { App, Outcome } from '../core/ports.ts';
import {
  type CertificateCredential,
  chooseCertificate,
  day,
  toPemBundle,
} from '../entra/certificate.ts';
import { parseName } from '../entra/distinguished-name.ts';
import { keyCredentialOf } from '../entra/key-credential.ts';
import { jsonDocument } from '../output/json-text.ts';
import { prepareSave } from '../output/save.ts';
import type { Profile } from '../profiles/schema.ts';
import { readProfiles } from '../profiles/store.ts';
import { storeKindOf } from '../secrets/vault.ts';
import { describeThumbprints, prepareCer } from './certificate-text.ts';
import { chooseProfile } from './choose-profile.ts';
import { commitSecrets } from './commit-secrets.ts';
import { usableRefs } from './credential-source.ts';
import { editedProfile, replacedBy } from './profile-edit.ts';

export interface CertCreateArgs {
  readonly profile?: string | undefined;
  readonly subject?: string | undefined;
  readonly 'key-size'?: string | undefined;
  readonly days?: string | undefined;
  readonly cer?: string | undefined;
  readonly pem?: string | undefined;
}

const KEY_SIZES = [2048, 3072, 4096] as const;
const DEFAULT_DAYS = 365;
const MOST_DAYS = 3650;
const DAY_SECONDS = 86_400;
/** A server whose clock is behind ours must not see a certificate of tomorrow. */
const BACKDATED_SECONDS = 300;

/**
 * Makes a key and its certificate straight into the secret store. Until the app knows it, what the
 * profile has had stays beside it and serves.
 */
export async function createCertificate(app: App, args: CertCreateArgs): Promise<Outcome> {
  const file = readProfiles(app.paths.profiles);
  const profile = await chooseProfile(app, file, args.profile);
  const { name } = profile;
  const wish = wishOf(app, profile, args);
  const cer = args.cer ?? `${name}.cer`;
  const saveCer = prepareCer(app, cer);
  const savePem =
    args.pem === undefined ? undefined : prepareSave(args.pem, app.workingFolder, app.paths.home);

  const made = await (await app.certificateMaker()).selfSigned(wish);
  app.talk.hide(made.privateKey);
  const certificate = chooseCertificate({
    keys: [made.privateKey],
    certificates: [made.certificate],
  });
  const value = toPemBundle(certificate);
  const expiresOn = new Date(certificate.notAfter * 1000).toISOString();
  const secrets = [{ kind: 'certificate', value, expiresOn }] as const;
  const store = storeKindOf(app.env, file.store);
  await commitSecrets(app, { store, secrets }, (draft, refs) => {
    const before = draft.find(name);
    if (!before) throw new CliError('profile_not_found', `there is no profile '${name}' any more`);
    const fields = { useCertificate: true };
    const after = editedProfile(before, { fields, refs, keepOld: true });
    draft.replace(name, after);
    return replacedBy(before, after);
  });
  saveCer(certificate.chain[0] ?? '');
  savePem?.(value);
  tell(app, profile, certificate, cer);
  if (args.pem) app.talk.warn(`${args.pem} holds the private key, and nothing protects it`);
  return { stdout: `${jsonDocument(keyCredentialOf(made.certificate))}\n` };
}

function wishOf(app: App, profile: Profile, args: CertCreateArgs): CertificateWish {
  const bits = KEY_SIZES.find((size) => String(size) === (args['key-size'] ?? '2048'));
  if (!bits) throw new CliError('usage', `--key-size is one of ${KEY_SIZES.join(', ')}`);
  const days = args.days === undefined ? DEFAULT_DAYS : Number(args.days);
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS) {
    throw new CliError('usage', `--days is a whole number from 1 to ${MOST_DAYS}`);
  }
  const now = Math.floor(app.clock.now());
  const subject = parseName(args.subject ?? `CN=${profile.name}`);
  const notBefore = now - BACKDATED_SECONDS;
  return { bits, subject, notBefore, notAfter: now + days * DAY_SECONDS };
}

function tell(app: App, profile: Profile, certificate: CertificateCredential, cer: string): void {
  const { name } = profile;
  const { talk } = app;
  talk.done(`Certificate made for profile '${name}', valid until ${day(certificate.notAfter)}`);
  for (const line of describeThumbprints(certificate)) talk.say(line);
  talk.say(`The certificate without its key is in ${cer}; the entry for keyCredentials follows.`);
  talk.say(`Register it with the app: upload ${cer}, or paste the entry into the manifest.`);
  const others = usableRefs(profile).length > 0 || profile.certificatePath !== undefined;
  if (!others) return;
  talk.say(`Until then the credential of before serves. Once it is registered, end that:`);
  talk.say(`  tokencli config edit -p ${name} --drop-old --verify`);
}
