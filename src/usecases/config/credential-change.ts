import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { isGuid } from '../../core/tenant.ts';
import { checkValidity } from '../../entra/certificate.ts';
import { utcSecond } from '../../output/dates.ts';
import { certificateSecret } from '../credentials/new-certificate.ts';
import { loadCertificateFile } from '../credentials/parse-certificate.ts';
import type { NewSecret } from '../secrets/commit-secrets.ts';
import { readSecret, secretFlags } from '../secrets/secret-input.ts';
import type { FieldFlags } from './profile-draft.ts';

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
  if (secret !== undefined) return [clientSecret(app, secret, args['secret-expires'])];
  if (path === undefined && password === undefined) return [];
  if (path === undefined) {
    throw new CliError('usage', 'a certificate password needs a certificate: --certificate FILE');
  }
  if (args.certificate === undefined && password === undefined) return [];
  return certificate(app, path, password, args['import-certificate'] === true);
}

/** @param expires a date such as `2030-01-31`, if it is known when the secret ends */
export function clientSecret(app: App, value: string, expires?: string): NewSecret {
  if (isGuid(value)) {
    app.log.warn('this looks like the id of a client secret; its value is needed, shown only once');
  }
  const kind = 'clientSecret';
  return expires === undefined ? { kind, value } : { kind, value, expiresOn: endDate(expires) };
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

export async function certificate(
  app: App,
  path: string,
  password: string | undefined,
  byValue: boolean,
): Promise<NewSecret[]> {
  const opened = await loadCertificateFile(app, path, password ?? '');
  const warning = checkValidity(opened, app.clock.now());
  if (warning) app.log.warn(warning);
  if (byValue) return [certificateSecret(opened)];
  return password === undefined ? [] : [{ kind: 'certificatePassword', value: password }];
}
