import type { StandInResource } from './apps.ts';
import { type Refusal, refusal } from './refusal.ts';

const DEFAULT = '/.default';
const GRAPH = 'https://graph.microsoft.com';
export const PROTOCOL_SCOPES = ['openid', 'profile', 'email', 'offline_access'];

export interface ResourceRequest {
  /** As it was named, a trailing slash included. */
  readonly name: string;
  readonly resource: StandInResource;
}

/** What an app-only request asks for: exactly one `<resource>/.default`. */
export function appResource(
  scope: string | undefined,
  resources: readonly StandInResource[],
): ResourceRequest | Refusal {
  const scopes = split(scope);
  if (scopes.length === 0) {
    return refusal(
      90014,
      "The required field 'scope' is missing from the credential. Ensure that you have all the necessary parameters for the login request.",
    );
  }
  const wrong = scopes.find((one) => !one.endsWith('.default'));
  if (wrong !== undefined) {
    return refusal(
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  }
  if (scopes.length > 1) return tooManyResources(scope);
  return find(resourceName(scopes[0] ?? ''), resources);
}

/** The one resource that a user's request is for. */
export function userResource(
  scope: string | undefined,
  resources: readonly StandInResource[],
): ResourceRequest | Refusal {
  const names = new Set(
    split(scope)
      .filter((one) => !PROTOCOL_SCOPES.includes(one))
      .map(resourceName),
  );
  if (names.size > 1) return tooManyResources(scope);
  const found = find([...names][0] ?? GRAPH, resources);
  if ('number' in found) return found;
  const bad = split(scope).find((one) => !isKnown(one, found));
  if (bad === undefined) return found;
  return refusal(
    70011,
    `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${bad} is not valid.`,
  );
}

/** Every scope of a resource in the spelling that requests use. */
export function fullScopes(name: string, resource: StandInResource): string[] {
  return [`${name}${DEFAULT}`, ...resource.scopes.map((scope) => `${name}/${scope}`)];
}

/** A permission by its one full name: a bare one is Graph's, a second slash changes nothing. */
export function fullName(scope: string): string {
  if (PROTOCOL_SCOPES.includes(scope)) return scope;
  return scope.includes('/') ? scope.replace(/([^:/])\/\//, '$1/') : `${GRAPH}/${scope}`;
}

export function split(scope: string | undefined): string[] {
  return (scope ?? '').split(' ').filter((one) => one !== '');
}

function isKnown(scope: string, { name, resource }: ResourceRequest): boolean {
  if (PROTOCOL_SCOPES.includes(scope) || scope === '.default') return true;
  return fullScopes(name, resource).includes(scope) || resource.scopes.includes(scope);
}

function resourceName(scope: string): string {
  if (scope === '.default') return GRAPH;
  const cut = scope.lastIndexOf('/');
  return cut < 0 ? GRAPH : scope.slice(0, cut);
}

function find(name: string, resources: readonly StandInResource[]): ResourceRequest | Refusal {
  const bare = name.replace(/\/$/, '').toLowerCase();
  const resource = resources.find(({ uri }) => uri.toLowerCase() === bare);
  if (resource) return { name, resource };
  return refusal(
    500011,
    `The resource principal named ${name} was not found in the tenant named Stand-in. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
  );
}

function tooManyResources(scope: string | undefined): Refusal {
  return refusal(
    28000,
    `Provided value for the input parameter scope is not valid because it contains more than one resource. Scope ${scope} is not valid.`,
  );
}
