import { readVariable } from '../../core/env-value.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App, Env } from '../../core/ports.ts';
import { nameReference, type Reference, referenceOf } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { refuseContent } from './certificate-file.ts';
import { type PasswordSource, passwordFor, passwordId } from './password-source.ts';

/** A credential that is read where a reference says, each time that it is needed. */
export interface ReferenceSource {
  readonly kind: 'secret' | 'certificate' | 'assertion';
  readonly from: 'reference';
  readonly reference: Reference;
  /** Opens a PFX. */
  readonly password: PasswordSource;
  /** The field of the profile that holds the reference, or the variable. */
  readonly named: string;
  /** The variable, if it is not the profile. */
  readonly variable?: string;
  /** Of the reference, not of the secret: after a rotation cached tokens stay valid. */
  readonly fingerprint: string;
}

/** The kinds of credential in words for people. */
export const REFERENCE_KIND_NAMES = {
  secret: 'client secret',
  certificate: 'certificate',
  assertion: 'federated token',
} as const;

type PathApp = Pick<App, 'userHome' | 'workingFolder'>;

/** The reference of a profile; nothing is read yet. @returns undefined if the profile has none */
export function findReference(
  app: PathApp & Pick<App, 'env'>,
  profile: Profile,
): ReferenceSource | undefined {
  const found = referenceOf(profile);
  if (!found) return undefined;
  const { field, kind, reference } = found;
  const isCertificate = kind === 'certificate';
  const password = isCertificate ? passwordFor(app.env, profile) : ({ from: 'nowhere' } as const);
  return source(app, { kind, reference, password, named: `${field} of profile ${profile.name}` });
}

/** True for a variable that names the file of a federated token. */
export function isFederated(variable: string): boolean {
  return variable.endsWith('_FEDERATED_TOKEN_FILE');
}

/**
 * The federated token whose file a variable names, as in a pod of Kubernetes.
 * @throws CliError invalid_data when it holds the token itself
 */
export function findFederatedToken(
  app: PathApp & { readonly env: Env },
  variable: string,
): ReferenceSource {
  const file = readVariable(app.env, variable) ?? '';
  refuseContent(file, { name: variable });
  const password = { from: 'nowhere' } as const;
  const parts = { kind: 'assertion', reference: { file }, password, named: variable } as const;
  return { ...source(app, parts), variable };
}

/** For messages: `the variable NAME (clientSecretFrom of profile ci)`. */
export function titleOf({ reference, named }: ReferenceSource): string {
  return `${nameReference(reference)} (${named})`;
}

/** What to correct when the credential is refused; stands behind "correct". */
export function blameOf({ reference, variable }: ReferenceSource): string {
  if (variable !== undefined) return variable;
  const name = nameReference(reference);
  if ('command' in reference) return `the output of ${name}`;
  return 'env' in reference || 'file' in reference ? name : `the identity token of ${name}`;
}

function source(app: PathApp, parts: Omit<ReferenceSource, 'from' | 'fingerprint'>) {
  const { kind, password } = parts;
  const reference =
    'file' in parts.reference
      ? { file: resolveUserPath(app, parts.reference.file) }
      : parts.reference;
  const fingerprint = JSON.stringify(['reference', kind, reference, passwordId(password)]);
  return { ...parts, from: 'reference', reference, fingerprint } as const;
}
