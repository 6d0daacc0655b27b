import { parseJsonObject } from '../../core/json.ts';
import { utcSecond } from '../../output/dates.ts';
import type { TokenRecord } from '../../tokens/records.ts';

/** What a program asks for. */
export interface Asked {
  /** As sent: a resource's URI, or the GUID of its application. */
  readonly resource: string;
  readonly tenant?: string;
}

/** What it gets. */
export interface ServedToken
  extends Pick<TokenRecord, 'accessToken' | 'tokenType' | 'expiresOn' | 'clientId'> {
  /** Seconds from now. */
  readonly expiresIn: number;
}

/** Why it gets none. The message is for whoever reads the program's output. */
export class Refused extends Error {
  /** An OAuth error code (RFC 6749 section 5.2) or one of ours. */
  readonly error: string;
  readonly correlationId: string | undefined;
  /** True if `--allow` is the reason. */
  readonly forbidden: boolean;

  constructor(error: string, message: string, correlationId?: string, forbidden = false) {
    super(message);
    this.error = error;
    this.correlationId = correlationId;
    this.forbidden = forbidden;
  }
}

/** One of the ways in which programs ask for tokens. */
export interface Protocol {
  /** @throws Refused */
  read(query: URLSearchParams, body: string): Asked;
  toDocument(token: ServedToken, asked: Asked): object;
  toRefusal(refused: Refused): [status: number, document: object];
}

const DEFAULT = '/.default';

/**
 * The protocol of a request, by its path without the key. A slash at the end does not matter, since
 * msal-node adds one.
 * @returns undefined if nobody asks like this
 */
export function readProtocol(method: string, path: string): Protocol | undefined {
  const name = path.replace(/\/$/, '');
  if (name === '/token' && method === 'POST') return AZD;
  const isIdentity = name === '/msi/token' || name === '/metadata/identity/oauth2/token';
  return isIdentity && (method === 'GET' || method === 'POST') ? IDENTITY : undefined;
}

/**
 * Managed identities: App Service of 2017 and 2019, Cloud Shell (a form, where others have a query)
 * and the metadata service of virtual machines. The identity that a program names is ignored: it is
 * the one of production, and here the program gets the profile's.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
const IDENTITY: Protocol = {
  read: (query, body) => {
    const given = [query, new URLSearchParams(body)].flatMap((each) => each.getAll('resource'));
    const [resource] = given;
    if (resource && given.length === 1) return { resource };
    throw new Refused('invalid_request', 'the request must name one resource');
  },
  // msal.net uses whichever of expires_in and expires_on is last, and Rust reads only strings
  toDocument: (token, { resource }) => ({
    access_token: token.accessToken,
    token_type: token.tokenType,
    resource,
    client_id: token.clientId,
    expires_in: String(token.expiresIn),
    expires_on: String(Math.floor(token.expiresOn)),
  }),
  toRefusal: ({ error, message, correlationId, forbidden }) => [
    forbidden ? 403 : 400,
    {
      error,
      // some SDKs show the one, some the other
      error_description: message,
      message,
      correlation_id: correlationId ?? '',
    },
  ],
};

/**
 * The Azure Developer CLI, which reads the message of status 200 only.
 * https://github.com/Azure/azure-dev/blob/main/cli/azd/docs/external-authentication.md
 */
const AZD: Protocol = {
  read: (_query, body) => {
    const { scopes, tenantId } = parseJsonObject(body) ?? {};
    const [scope, ...more] = Array.isArray(scopes) ? scopes : [];
    if (typeof scope !== 'string' || more.length > 0) {
      throw new Refused('invalid_request', 'the request must name one scope');
    }
    if (!scope.toLowerCase().endsWith(DEFAULT)) throw noDefault(scope);
    const resource = scope.slice(0, -DEFAULT.length);
    return { resource, ...(typeof tenantId === 'string' && tenantId && { tenant: tenantId }) };
  },
  toDocument: ({ accessToken, expiresOn }) => ({
    status: 'success',
    token: accessToken,
    expiresOn: utcSecond(expiresOn),
  }),
  toRefusal: ({ error, message }) => {
    const code = error === 'interaction_required' ? 'NotSignedInError' : 'GetTokenError';
    return [200, { status: 'error', code, message }];
  },
};

/** The refusal of a single permission in the place of a resource. */
export function noDefault(scope: string): Refused {
  const text = `'${scope}' is no resource: programs can ask for RESOURCE/.default only`;
  return new Refused('invalid_scope', text);
}
