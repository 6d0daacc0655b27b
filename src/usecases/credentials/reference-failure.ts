import { CliError } from '../../core/errors.ts';
import { nameReference, REFERENCE_FLAGS, referenceOf } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { blameOf, REFERENCE_KIND_NAMES, type ReferenceSource } from './reference-source.ts';

/** The error for a reference that cannot be read: nothing is there, or its command fails. */
export function outOfReach(
  profile: Profile,
  source: ReferenceSource,
  problem: string,
  cause?: unknown,
): CliError {
  const message = `${nothingFrom(source)}: ${nameReference(source.reference)} ${problem}`;
  return new CliError('store_unavailable', message, { hint: cureOf(profile, source), cause });
}

/** The error for a reference that was read, but holds no credential. The content is not shown. */
export function useless(profile: Profile, source: ReferenceSource, problem: string): CliError {
  const { reference } = source;
  const name = nameReference(reference);
  const content = 'command' in reference ? `the output of ${name}` : name;
  return new CliError('invalid_data', `${nothingFrom(source)}: ${content} ${problem}`, {
    hint: cureOf(profile, source),
  });
}

function nothingFrom({ kind, named }: ReferenceSource): string {
  return `no ${REFERENCE_KIND_NAMES[kind]} from ${named}`;
}

function cureOf(profile: Profile, source: ReferenceSource): string {
  const { reference, variable } = source;
  if (variable !== undefined) return `correct or unset ${variable}`;
  if ('command' in reference) {
    return `run it by itself; its words are told by tokencli config show -p ${profile.name}`;
  }
  const field = referenceOf(profile)?.field ?? 'clientSecretFrom';
  const edit = `tokencli config edit -p ${profile.name} --${REFERENCE_FLAGS[field]} …`;
  return `correct ${blameOf(source)}, or name another place: ${edit}`;
}
