import { CliError } from '../../core/errors.ts';
import { nameReference, REFERENCE_FLAGS, referenceOf } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { blameOf, type ReferenceSource } from './reference-source.ts';

const KINDS = { secret: 'client secret', certificate: 'certificate', assertion: 'federated token' };

/** What a reference names is not there, or does not do what is asked of it. */
export function outOfReach(
  profile: Profile,
  source: ReferenceSource,
  problem: string,
  cause?: unknown,
): CliError {
  const what = `no ${KINDS[source.kind]} from ${source.named}`;
  const message = `${what}: ${nameReference(source.reference)} ${problem}`;
  return new CliError('store_unavailable', message, { hint: cureOf(profile, source), cause });
}

/** It is there, and its content cannot be what it should be. The content is not shown. */
export function useless(profile: Profile, source: ReferenceSource, problem: string): CliError {
  const what = `no ${KINDS[source.kind]} from ${source.named}`;
  const { reference } = source;
  const name = nameReference(reference);
  const content = 'command' in reference ? `the output of ${name}` : name;
  return new CliError('invalid_data', `${what}: ${content} ${problem}`, {
    hint: cureOf(profile, source),
  });
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
