import { randomUUID } from 'node:crypto';
import type { Context } from 'oidc-provider';
import type { OidcModule } from './provider-module.ts';

/** A refusal in the words and the shape of Microsoft Entra ID. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly number: number;
  readonly text: string;
  readonly suberror?: string;
  /** A claims challenge, JSON. */
  readonly claims?: string;
}

const refusals = new WeakMap<Context, Refusal>();

/** Ends a request by a rule of Entra's own, which oidc-provider does not know. */
export function refuse({ errors }: OidcModule, ctx: Context, why: Refusal): never {
  refusals.set(ctx, why);
  throw new errors.CustomOIDCProviderError(why.error, why.text);
}

/** Why this request was refused, if a rule of Entra's own did it. */
export function refusalOf(ctx: Context): Refusal | undefined {
  return refusals.get(ctx);
}

const STATUS_AND_ERROR: Record<number, readonly [status: number, error: string]> = {
  28000: [400, 'invalid_request'],
  50011: [400, 'invalid_request'],
  50076: [400, 'interaction_required'],
  50079: [400, 'interaction_required'],
  50126: [400, 'invalid_grant'],
  50173: [400, 'invalid_grant'],
  53000: [400, 'interaction_required'],
  53003: [400, 'interaction_required'],
  54005: [400, 'invalid_grant'],
  65001: [400, 'invalid_grant'],
  65004: [400, 'access_denied'],
  70002: [400, 'invalid_client'],
  70003: [400, 'unsupported_grant_type'],
  70008: [400, 'invalid_grant'],
  70011: [400, 'invalid_scope'],
  70016: [400, 'authorization_pending'],
  70017: [400, 'authorization_declined'],
  70018: [400, 'bad_verification_code'],
  70020: [400, 'expired_token'],
  90002: [400, 'invalid_request'],
  90014: [400, 'invalid_request'],
  500011: [400, 'invalid_resource'],
  501481: [400, 'invalid_grant'],
  530033: [400, 'interaction_required'],
  530084: [400, 'interaction_required'],
  700082: [400, 'invalid_grant'],
  700016: [400, 'unauthorized_client'],
  700027: [401, 'invalid_client'],
  1002012: [400, 'invalid_scope'],
  7000215: [401, 'invalid_client'],
  7000218: [401, 'invalid_client'],
  7000222: [401, 'invalid_client'],
  9002313: [400, 'invalid_request'],
};

export function refusal(number: number, text: string): Refusal {
  const [status, error] = STATUS_AND_ERROR[number] ?? [400, 'invalid_request'];
  return { status, error, number, text };
}

/** The body as Entra writes it. @param correlationId what the client sent as client-request-id */
export function refusalBody(what: Refusal, correlationId: string = randomUUID()): object {
  const traceId = randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const marks = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`;
  return {
    error: what.error,
    error_description: `AADSTS${what.number}: ${what.text} ${marks}`,
    error_codes: [what.number],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: errorUri(what),
    ...(what.suberror && { suberror: what.suberror }),
    ...(what.claims && { claims: what.claims }),
  };
}

/** The same as parameters of a redirect. */
export function refusalParameters(what: Refusal): Record<string, string> {
  const { error_description } = refusalBody(what) as { error_description: string };
  const subcode = what.error === 'access_denied' && { error_subcode: 'cancel' };
  return { error: what.error, ...subcode, error_description, error_uri: errorUri(what) };
}

function errorUri({ number }: Refusal): string {
  return `https://login.microsoftonline.com/error?code=${number}`;
}

export function unknownTenant(tenant: string): Refusal {
  return refusal(
    90002,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  );
}
