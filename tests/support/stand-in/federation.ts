import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto';
import type { Form } from 'oidc-provider';
import type { StandInClient } from './apps.ts';
import { type Refusal, refusal } from './refusal.ts';

/** What Entra compares to the letter. */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** Entra gets it from the issuer's discovery document. */
  readonly key: KeyObject;
}

/** Who says who a job is: GitHub Actions, a cluster of Kubernetes. */
export interface AssertionIssuer {
  readonly credential: FederatedCredential;
  /** A new token that is good for five minutes, in all but what is named. */
  issue(claims?: Readonly<Record<string, unknown>>): string;
}

export const EXCHANGE = 'api://AzureADTokenExchange';

export function createAssertionIssuer(subject: string, audience = EXCHANGE): AssertionIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const issuer = 'https://issuer.example';
  return {
    credential: { issuer, subject, audience, key: publicKey },
    issue: (claims = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const times = { iat: now, nbf: now, exp: now + 300 };
      const all = { iss: issuer, sub: subject, aud: audience, jti: randomUUID(), ...times };
      const text = [
        { alg: 'RS256', typ: 'JWT' },
        { ...all, ...claims },
      ]
        .map(encode)
        .join('.');
      const signature = sign('sha256', Buffer.from(text), privateKey).toString('base64url');
      return `${text}.${signature}`;
    },
  };
}

/** What the client has at oidc-provider, which knows no federation. */
export function secretInPlace(client: string): string {
  return createHash('sha256').update(`federated ${client}`).digest('hex');
}

/**
 * Checks an assertion as Entra does, and that it comes for the first time.
 * @param form gets the client's secret in place of the assertion
 * @param used assertions that came before
 */
export function checkFederated(
  clients: readonly StandInClient[],
  form: Form & Record<string, string>,
  used: Set<string>,
): Refusal | undefined {
  const { client_assertion: assertion, client_id: id } = form;
  const client = clients.find((each) => each.id === id);
  if (!client?.federated) return undefined;
  if (!assertion) return refusal(7000218, "The request body must contain: 'client_assertion'.");
  const why = findFlaw(assertion, client.federated) ?? findReplay(assertion, used);
  if (why) return why;
  delete form['client_assertion'];
  delete form['client_assertion_type'];
  form['client_secret'] = secretInPlace(client.id);
  return undefined;
}

function findFlaw(assertion: string, trusted: FederatedCredential): Refusal | undefined {
  const [head = '', body = '', signature = ''] = assertion.split('.');
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify('sha256', signed, trusted.key, Buffer.from(signature, 'base64url'))) {
    return refusal(50013, 'Assertion failed signature validation.');
  }
  const { iss, sub, aud, nbf, exp } = JSON.parse(Buffer.from(body, 'base64url').toString());
  const now = Date.now() / 1000;
  if (nbf > now + 300 || exp < now) {
    return refusal(700024, 'Client assertion is not within its valid time range.');
  }
  if (iss !== trusted.issuer) return noMatch(700211, 'issuer', iss);
  if (aud !== trusted.audience) return noMatch(700212, 'audience', aud);
  return sub === trusted.subject ? undefined : noMatch(700213, 'subject', sub);
}

function noMatch(number: number, what: string, value: string): Refusal {
  return refusal(
    number,
    `No matching federated identity record found for presented assertion ${what} '${value}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`,
  );
}

function findReplay(assertion: string, used: Set<string>): Refusal | undefined {
  if (used.has(assertion)) return refusal(50013, 'Assertion was presented before.');
  used.add(assertion);
  return undefined;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
