import { CliError } from '../../core/errors.ts';
import type { Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { prepareSave } from '../../output/save.ts';
import { chooseProfile } from '../../profiles/choose-profile.ts';
import { nameReference, REFERENCE_FLAGS, referenceOf } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { readProfiles } from '../../profiles/store.ts';
import { editedProfile, replacedBy } from '../config/profile-edit.ts';
import { prepareCer } from '../credentials/certificate-text.ts';
import { usableRefs } from '../credentials/credential-source.ts';
import { makeCertificate, presentCertificate } from '../credentials/new-certificate.ts';
import { commitSecrets } from '../secrets/commit-secrets.ts';

export type CertCreateArgs = Values<'profile' | 'subject' | 'key-size' | 'days' | 'cer' | 'pem'>;

const KEY_SIZES = [2048, 3072, 4096] as const;
const MOST_DAYS = 3650;

/**
 * Makes a key and its certificate and puts them into the secret store. The profile keeps its old
 * credential too, which is used until the new certificate has been registered with the app.
 */
export async function createCertificate(app: App, args: CertCreateArgs): Promise<Outcome> {
  const file = await readProfiles(app.paths);
  const profile = await chooseProfile(app, file, args.profile);
  const { name } = profile;
  refuseReference(profile);
  const { bits, days } = readSizeAndDays(args);
  const cer = args.cer ?? `${name}.cer`;
  const saveCer = prepareCer(app, cer);
  const savePem = args.pem === undefined ? undefined : prepareSave(app, args.pem);

  const subject = args.subject ?? `CN=${name}`;
  const { certificate, secret } = await makeCertificate(app, subject, days, bits);
  await commitSecrets(app, file.store, [secret], (draft, refs) => {
    const before = draft.get(name);
    const fields = { useCertificate: true };
    const after = editedProfile(before, { fields, refs, keepOld: true });
    draft.replace(name, after);
    return replacedBy(before, after);
  });
  saveCer(certificate.chain[0] ?? '');
  savePem?.(secret.value);
  const stdout = presentCertificate(app, name, certificate, cer);
  if (usableRefs(profile).length > 0 || profile.certificatePath !== undefined) {
    app.log.say(
      'Until then the old credential is used. When the new one is registered, remove the old one:',
    );
    app.log.say(`  tokencli config edit -p ${name} --drop-old --verify`);
  }
  if (args.pem) app.log.warn(`${args.pem} holds the private key, and nothing protects it`);
  return { stdout };
}

/** A reference comes before all certificates, so the new one would never be used. */
function refuseReference(profile: Profile): void {
  const found = referenceOf(profile);
  if (!found) return;
  const { field, reference } = found;
  const problem = `profile ${profile.name} has its credential from ${nameReference(reference)}`;
  throw new CliError('usage', problem, {
    hint: `end that first: tokencli config edit -p ${profile.name} --unset ${REFERENCE_FLAGS[field]}`,
  });
}

function readSizeAndDays(args: CertCreateArgs) {
  const bits = KEY_SIZES.find((size) => String(size) === args['key-size']);
  if (args.days === undefined) return { bits, days: undefined };
  const days = Number(args.days);
  if (Number.isInteger(days) && days >= 1 && days <= MOST_DAYS) return { bits, days };
  throw new CliError('usage', `--days is a whole number from 1 to ${MOST_DAYS}`);
}
