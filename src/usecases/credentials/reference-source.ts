import { readVariable } from '../../core/env-value.ts';
import { resolveUserPath } from '../../core/paths.ts';
import {
  nameReference,
  REFERENCE_FLAGS,
  type Reference,
  type ReferenceField,
  referenceOf,
  serviceVariables,
} from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { refuseContent } from './certificate-file.ts';
import type { SourceApp } from './credential-source.ts';
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
  /** What to do if nothing can be read there, or no credential. */
  readonly cure: string;
  /** Made of the reference, not of the secret, so that cached tokens stay valid after a rotation. */
  readonly fingerprint: string;
}

/** The kinds of credential in words for people. */
export const REFERENCE_KIND_NAMES = {
  secret: 'client secret',
  certificate: 'certificate',
  assertion: 'federated token',
} as const;

const NO_PASSWORD: PasswordSource = { from: 'nowhere' };

/** The reference of a profile; nothing is read yet. @returns undefined if the profile has none */
export function findReference(app: SourceApp, profile: Profile): ReferenceSource | undefined {
  const found = referenceOf(profile);
  if (!found) return undefined;
  const { field, kind } = found;
  const password = kind === 'certificate' ? passwordFor(app.env, profile) : NO_PASSWORD;
  const reference = resolved(app, found.reference);
  const named = `${field} of profile ${profile.name}`;
  return source({ kind, reference, password, named, cure: cureOf(profile, field, reference) });
}

/** True for a variable that names the file of a federated token. */
export function isFederated(variable: string): boolean {
  return variable.endsWith('_FEDERATED_TOKEN_FILE');
}

/**
 * The federated token whose file a variable names, as in a pod of Kubernetes.
 * @throws CliError invalid_data when it holds the token itself
 */
export function findFederatedToken(app: SourceApp, variable: string): ReferenceSource {
  const file = readVariable(app.env, variable) ?? '';
  refuseContent(file, { name: variable });
  const known = { kind: 'assertion', password: NO_PASSWORD, named: variable, variable } as const;
  const reference = resolved(app, { file });
  return source({ ...known, reference, cure: `correct or unset ${variable}` });
}

/** For messages: `the variable NAME (clientSecretFrom of profile ci)`. */
export function titleOf({ reference, named }: ReferenceSource): string {
  return `${nameReference(reference)} (${named})`;
}

/** What to correct if the credential is refused; follows the word "correct" in a hint. */
export function blameOf(source: Pick<ReferenceSource, 'reference' | 'variable'>): string {
  const { reference, variable } = source;
  if (variable !== undefined) return variable;
  const name = nameReference(reference);
  if ('command' in reference) return `the output of ${name}`;
  return 'env' in reference || 'file' in reference ? name : `the identity token of ${name}`;
}

function resolved(app: SourceApp, reference: Reference): Reference {
  return 'file' in reference ? { file: resolveUserPath(app, reference.file) } : reference;
}

function source(parts: Omit<ReferenceSource, 'from' | 'fingerprint'>): ReferenceSource {
  const { kind, reference, password } = parts;
  const fingerprint = JSON.stringify(['reference', kind, reference, passwordId(password)]);
  return { ...parts, from: 'reference', fingerprint };
}

function cureOf({ name }: Profile, field: ReferenceField, reference: Reference): string {
  if ('command' in reference) {
    return `run it by itself; tokencli config show -p ${name} shows the whole command`;
  }
  const service = serviceVariables(reference);
  const here = service
    ? `check ${Object.values(service).join(' and ')}`
    : `correct ${blameOf({ reference })}`;
  const edit = `tokencli config edit -p ${name} --${REFERENCE_FLAGS[field]} …`;
  return `${here}, or name another place: ${edit}`;
}
