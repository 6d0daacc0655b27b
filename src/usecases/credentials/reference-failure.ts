import { CliError, type ErrorCode, type ErrorDetails } from '../../core/errors.ts';
import { nameReference } from '../../profiles/reference.ts';
import { blameOf, REFERENCE_KIND_NAMES, type ReferenceSource } from './reference-source.ts';

/** The error for a reference that cannot be read: nothing is there, or its command fails. */
export function unavailable(source: ReferenceSource, problem: string, cause?: unknown): CliError {
  const said = `${nameReference(source.reference)} ${problem}`;
  return referenceFailure('store_unavailable', source, said, { cause });
}

/** The error for a reference that was read, but holds no credential. The content is not shown. */
export function unusable(source: ReferenceSource, problem: string): CliError {
  const { reference } = source;
  const isPlace = 'env' in reference || 'file' in reference;
  const content = isPlace ? nameReference(reference) : blameOf(source);
  return referenceFailure('invalid_data', source, `${content} ${problem}`);
}

/** @param said what went wrong, which names where */
export function referenceFailure(
  code: ErrorCode,
  source: ReferenceSource,
  said: string,
  details: ErrorDetails = {},
): CliError {
  const message = `no ${REFERENCE_KIND_NAMES[source.kind]} from ${source.named}: ${said}`;
  return new CliError(code, message, { hint: source.cure, ...details });
}

/** The same failure, which then names the reference; one that is not of the network stays as it is. */
export function asReferenceFailure(source: ReferenceSource, failure: unknown): unknown {
  if (!(failure instanceof CliError) || failure.code !== 'network') return failure;
  const said = `${nameReference(source.reference)}: ${failure.message}`;
  return referenceFailure('network', source, said, { ...failure.details, cause: failure });
}
