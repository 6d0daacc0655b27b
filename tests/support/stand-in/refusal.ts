import { randomUUID } from 'node:crypto';

/** A refusal in the words and the shape of Microsoft Entra ID. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly number: number;
  readonly text: string;
}

const STATUS_AND_ERROR: Record<number, readonly [status: number, error: string]> = {
  28000: [400, 'invalid_request'],
  50011: [400, 'invalid_request'],
  50126: [400, 'invalid_grant'],
  54005: [400, 'invalid_grant'],
  70002: [400, 'invalid_client'],
  70003: [400, 'unsupported_grant_type'],
  70008: [400, 'invalid_grant'],
  70011: [400, 'invalid_scope'],
  90002: [400, 'invalid_request'],
  90014: [400, 'invalid_request'],
  500011: [400, 'invalid_resource'],
  501481: [400, 'invalid_grant'],
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
    error_uri: `https://login.microsoftonline.com/error?code=${what.number}`,
  };
}

export function unknownTenant(tenant: string): Refusal {
  return refusal(
    90002,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  );
}
