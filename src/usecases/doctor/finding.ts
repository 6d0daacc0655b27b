import { CliError, type ErrorCode } from '../../core/errors.ts';

/** One part of the machine, as it was found. */
export interface Finding {
  readonly ok: boolean;
  /** One line, without anything secret. */
  readonly detail: string;
  /** What to type or change; absent when there is nothing to cure. */
  readonly cure?: string;
  /** Decides the exit code; absent when `get-token --silent` can do without this part. */
  readonly code?: ErrorCode;
}

export function ok(detail: string): Finding {
  return { ok: true, detail };
}

const SIGNALS: readonly ErrorCode[] = ['interrupted', 'terminated', 'hangup'];

/** A foreseen failure as a finding. @throws a bug, and a signal: neither is a finding */
export function failed(error: unknown, cure?: string): Finding {
  if (!(error instanceof CliError) || SIGNALS.includes(error.code)) throw error;
  const { code, message, details } = error;
  const advice = details.hint ?? cure;
  return { ok: false, detail: message, code, ...(advice !== undefined && { cure: advice }) };
}
