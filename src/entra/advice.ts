import type { ErrorCode } from '../core/errors.ts';
import { ADVICE } from './advice-table.ts';

/** What a hint is filled with, so that it can be typed as it stands. */
export interface AdviceFacts {
  readonly profile: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly scopes: readonly string[];
  readonly flow: string;
  /** The sign-in host: `https://login.microsoftonline.com`. */
  readonly origin: string;
}

export interface Advice {
  readonly code: ErrorCode;
  /** The cause, on one line. */
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
}

/** @returns undefined for a number that is not in the table */
export function adviseAadsts(number: number, facts: AdviceFacts): Advice | undefined {
  const row = ADVICE[number];
  if (row === undefined) return undefined;
  return {
    code: row.code ?? 'auth_failed',
    message: fill(row.cause, facts),
    hint: fill(row.hint, facts),
    retryable: row.retryable ?? false,
  };
}

/** Where an administrator grants the app what it asks for (Microsoft: admin consent endpoint). */
function adminConsentUrl({ origin, tenantId, clientId }: AdviceFacts): string {
  const query = new URLSearchParams({ client_id: clientId });
  return `${origin}/${tenantId}/adminconsent?${query}`;
}

function fill(text: string, facts: AdviceFacts): string {
  const values: Record<string, string> = {
    profile: facts.profile,
    client: facts.clientId,
    tenant: facts.tenantId,
    scopes: facts.scopes.join(' '),
    flow: facts.flow,
    consent: adminConsentUrl(facts),
  };
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
