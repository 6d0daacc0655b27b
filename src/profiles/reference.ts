import type { Profile } from './schema.ts';

/** Where a credential is kept outside of tokencli. */
export type Reference = NonNullable<Profile['assertionFrom']>;

export type ReferenceField = 'clientSecretFrom' | 'certificateFrom' | 'assertionFrom';

/** The fields of a profile that hold a reference, and of which kind the credential is. */
export const REFERENCE_KINDS = {
  clientSecretFrom: 'secret',
  certificateFrom: 'certificate',
  assertionFrom: 'assertion',
} as const satisfies Record<ReferenceField, string>;

export const REFERENCE_FIELDS = Object.keys(REFERENCE_KINDS) as ReferenceField[];

/** The options by which they are given. */
export const REFERENCE_FLAGS = {
  clientSecretFrom: 'client-secret-from',
  certificateFrom: 'certificate-from',
  assertionFrom: 'assertion-from',
} as const satisfies Record<ReferenceField, string>;

/**
 * The variables that a CI service sets for a job: where it gets its identity token, and a token
 * for that request.
 */
export const GITHUB_VARIABLES = {
  url: 'ACTIONS_ID_TOKEN_REQUEST_URL',
  token: 'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
} as const;
export const PIPELINES_VARIABLES = {
  url: 'SYSTEM_OIDCREQUESTURI',
  token: 'SYSTEM_ACCESSTOKEN',
} as const;

export interface NamedReference {
  readonly field: ReferenceField;
  readonly kind: (typeof REFERENCE_KINDS)[ReferenceField];
  readonly reference: Reference;
}

/** The reference of a profile, which then uses none of its other credentials. */
export function referenceOf(profile: Pick<Profile, ReferenceField>): NamedReference | undefined {
  for (const field of REFERENCE_FIELDS) {
    const reference = profile[field];
    if (reference !== undefined) return { field, kind: REFERENCE_KINDS[field], reference };
  }
  return undefined;
}

/** These variables, if the reference is to a CI service. */
export function serviceVariables(
  reference: Reference,
): { readonly url: string; readonly token: string } | undefined {
  if ('github' in reference) return GITHUB_VARIABLES;
  return 'azurePipelines' in reference ? PIPELINES_VARIABLES : undefined;
}

/** The variables that hold or open what a profile refers to. Programs that we start do not get them. */
export function variablesOfReference(profile: Pick<Profile, ReferenceField>): readonly string[] {
  const reference = referenceOf(profile)?.reference;
  if (reference === undefined) return [];
  if ('env' in reference) return [reference.env];
  const token = serviceVariables(reference)?.token;
  return token === undefined ? [] : [token];
}

/** Names a reference in a sentence. Of a command only the program is named. */
export function nameReference(reference: Reference): string {
  if ('env' in reference) return `the variable ${reference.env}`;
  if ('file' in reference) return `the file ${reference.file}`;
  if ('command' in reference) return `the command ${reference.command[0]}`;
  return 'github' in reference ? 'GitHub Actions' : 'Azure Pipelines';
}
