import { CliError, type ErrorCode } from '../../core/errors.ts';

/** The result of one check. */
export interface Finding {
  readonly ok: boolean;
  /** One line, without secrets. */
  readonly detail: string;
  /** What to do about it; absent if nothing needs to be done. */
  readonly cure?: string | undefined;
  /** The exit code for a failure; absent if `get-token --silent` works all the same. */
  readonly code?: ErrorCode;
}

export function ok(detail: string): Finding {
  return { ok: true, detail };
}

const SIGNALS: readonly ErrorCode[] = ['interrupted', 'terminated', 'hangup'];

/**
 * Turns a failure into a finding.
 * @throws the error itself if it is a bug or comes from a signal
 */
export function failed(error: unknown, cure?: string): Finding {
  if (!(error instanceof CliError) || SIGNALS.includes(error.code)) throw error;
  const { code, message, details } = error;
  return { ok: false, detail: message, code, cure: details.hint ?? cure };
}
