import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { isGuid } from '../../core/tenant.ts';
import { checkValidity } from '../../entra/choose-certificate.ts';
import { utcSecond } from '../../output/dates.ts';
import { REFERENCE_FIELDS, REFERENCE_FLAGS } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { certificateSecret } from '../credentials/new-certificate.ts';
import { loadCertificateFile } from '../credentials/parse-certificate.ts';
import type { NewSecret } from '../secrets/commit-secrets.ts';
import { refuseNoSecret } from '../secrets/secret-flaw.ts';
import { readSecret } from '../secrets/secret-input.ts';
import type { FieldFlags } from './profile-draft.ts';

/**
 * Reads the client secret, or the certificate and its password, that the flags name. The certificate
 * is opened, so that one that cannot be used is refused before anything is stored.
 * @param existing the profile, if only the password of its certificate may change
 */
export async function readNewSecrets(
  app: App,
  args: FieldFlags,
  existing?: Profile,
): Promise<NewSecret[]> {
  if (args['client-secret-stdin'] === true && args['certificate-password-stdin'] === true) {
    throw new CliError('usage', 'only one secret can come from stdin');
  }
  const secret = await readSecret(app, 'client-secret', args);
  const password = await readSecret(app, 'certificate-password', args);
  const path = args.certificate ?? existing?.certificatePath;
  const references = REFERENCE_FIELDS.filter((field) => args[REFERENCE_FLAGS[field]] !== undefined);
  if ([secret, args.certificate, ...references].filter(Boolean).length > 1) {
    throw new CliError('usage', 'give one credential: a client secret, a certificate, a reference');
  }
  if (args['import-certificate'] === true && args.certificate === undefined) {
    throw new CliError('usage', '--import-certificate needs --certificate FILE');
  }
  if (secret !== undefined) return [newClientSecret(app, secret, args['secret-expires'])];
  const isReferred =
    references[0] === 'certificateFrom' ||
    (references.length === 0 && existing?.certificateFrom !== undefined);
  if (isReferred && args.certificate === undefined) {
    return password === undefined ? [] : [{ kind: 'certificatePassword', value: password }];
  }
  if (args.certificate === undefined && password === undefined) return [];
  if (path === undefined) {
    throw new CliError('usage', 'a certificate password needs a certificate: --certificate FILE');
  }
  return secretsOfCertificate(app, path, password, args['import-certificate'] === true);
}

/** @param expires when the secret ends, such as `2030-01-31` */
export function newClientSecret(app: App, value: string, expires?: string): NewSecret {
  refuseNoSecret(value, 'the client secret');
  if (isGuid(value)) {
    app.log.warn('this looks like the id of a client secret; its value is needed, shown only once');
  }
  return { kind: 'clientSecret', value, expiresOn: expires && endDate(expires) };
}

/** @returns ISO 8601. @throws CliError usage */
export function endDate(text: string): string {
  const time = /^\d{4}-\d\d-\d\d(T.+)?$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes the 31st of February for a day in March
  const day = Number.isNaN(time) ? '' : new Date(time).toISOString().slice(0, 10);
  if (day !== '' && (text.includes('T') || day === text)) return utcSecond(time / 1000);
  throw new CliError('usage', `'${text}' is no date`, {
    hint: 'for example --secret-expires 2030-01-31',
  });
}

/**
 * The secrets to store for a certificate file. A password that comes from its variable opens the file
 * here, as it does at each use, but is not stored.
 * @param byValue store the certificate itself, not only the password of its file
 */
export async function secretsOfCertificate(
  app: App,
  path: string,
  password: string | undefined,
  byValue: boolean,
): Promise<NewSecret[]> {
  const opened = await loadCertificateFile(app, path, password ?? passwordFromVariable(app));
  const warning = checkValidity(opened, app.clock.now());
  if (warning) app.log.warn(warning);
  if (byValue) return [certificateSecret(opened)];
  return password === undefined ? [] : [{ kind: 'certificatePassword', value: password }];
}

/** @returns empty if it is not set */
export function passwordFromVariable({ env, log }: Pick<App, 'env' | 'log'>): string {
  const password = readVariable(env, 'TOKENCLI_CLIENT_CERTIFICATE_PASSWORD') ?? '';
  log.registerSecret(password);
  return password;
}
