import { CliError, type ErrorCode, type ErrorDetails } from '../../core/errors.ts';
import {
  nameReference,
  REFERENCE_FLAGS,
  referenceOf,
  serviceVariables,
} from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { blameOf, REFERENCE_KIND_NAMES, type ReferenceSource } from './reference-source.ts';

/** The error for a reference that cannot be read: nothing is there, or its command fails. */
export function unavailable(
  profile: Profile,
  source: ReferenceSource,
  problem: string,
  cause?: unknown,
): CliError {
  const said = `${nameReference(source.reference)} ${problem}`;
  return referenceFailure('store_unavailable', profile, source, said, { cause });
}

/** The error for a reference that was read, but holds no credential. The content is not shown. */
export function unusable(profile: Profile, source: ReferenceSource, problem: string): CliError {
  const { reference } = source;
  const isPlace = 'env' in reference || 'file' in reference;
  const content = isPlace ? nameReference(reference) : blameOf(source);
  return referenceFailure('invalid_data', profile, source, `${content} ${problem}`);
}

/** @param said what went wrong, which names where */
export function referenceFailure(
  code: ErrorCode,
  profile: Profile,
  source: ReferenceSource,
  said: string,
  details: ErrorDetails = {},
): CliError {
  const message = `no ${REFERENCE_KIND_NAMES[source.kind]} from ${source.named}: ${said}`;
  return new CliError(code, message, { hint: cureOf(profile, source), ...details });
}

function cureOf(profile: Profile, source: ReferenceSource): string {
  const { reference, variable } = source;
  if (variable !== undefined) return `correct or unset ${variable}`;
  if ('command' in reference) {
    return `run it by itself; its words are told by tokencli config show -p ${profile.name}`;
  }
  const field = referenceOf(profile)?.field ?? 'clientSecretFrom';
  const edit = `tokencli config edit -p ${profile.name} --${REFERENCE_FLAGS[field]} …`;
  const service = serviceVariables(reference);
  const here = service
    ? `check ${Object.values(service).join(' and ')}`
    : `correct ${blameOf(source)}`;
  return `${here}, or name another place: ${edit}`;
}
