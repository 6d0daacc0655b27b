import { GRAPH_IDS } from '../core/clouds.ts';
import { CliError } from '../core/errors.ts';
import { sameName } from '../core/names.ts';
import { shellOption } from '../core/shell-word.ts';
import { isGuid } from '../core/tenant.ts';

const DEFAULT = '/.default';
// OpenID Connect Core 1.0 sections 3.1.2.1, 5.4 and 11
const OIDC_SCOPES = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);

/**
 * Splits texts into scopes at white space and commas. A scope without a resource gets the resource
 * of the scope before it: `https://host/A B` becomes `https://host/A` and `https://host/B`.
 */
export function splitScopes(texts: readonly string[]): string[] {
  let prefix = '';
  const words = texts.flatMap((text) => text.split(/[\s,]+/).filter(Boolean));
  return words.map((word) => {
    const resource = resourceOf(word);
    if (resource !== undefined) prefix = `${resource}/`;
    const isBare = !word.includes('/') && isOfResource(word);
    return isBare ? prefix + word : word;
  });
}

/**
 * The `/.default` scope of a resource. A trailing slash of the resource is kept, so that the scope
 * has two slashes, as Entra requires.
 * @throws CliError usage if the text cannot be a resource
 */
export function resourceScope(uri: string, option = '--resource'): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is refused
  if (/[\s,\u0000-\u001f\u007f]/.test(uri) || uri === '') {
    throw new CliError('usage', `${option} takes one resource`, {
      hint: `for example ${option} https://graph.microsoft.com`,
    });
  }
  if (uri.toLowerCase().endsWith(DEFAULT)) {
    throw new CliError('usage', `${option} takes the resource without ${DEFAULT}`, {
      hint: shellOption(option, uri.slice(0, -DEFAULT.length)),
    });
  }
  return `${uri}${DEFAULT}`;
}

/** True for what may be a name of `resources.ts`, because it is neither a URI, a GUID nor a host. */
export function isShortName(resource: string): boolean {
  return /^[\w-]+$/.test(resource) && !isGuid(resource);
}

/** False for the scopes of OpenID Connect, such as `openid`, which belong to no resource. */
export function isOfResource(scope: string): boolean {
  return !OIDC_SCOPES.has(scope.toLowerCase());
}

/** The part before the scope's last slash; undefined if there is none. */
export function resourceOf(scope: string): string | undefined {
  const end = scope.lastIndexOf('/');
  const resource = scope.slice(0, Math.max(0, end));
  return resource === '' || resource.endsWith(':/') ? undefined : resource;
}

/** The part after the scope's last slash, in lower case. */
export function permissionOf(scope: string): string {
  return scope.slice(scope.lastIndexOf('/') + 1).toLowerCase();
}

/**
 * The requested scopes that were not granted. Compares without the resource, which servers name in
 * several ways.
 */
export function ungranted(asked: readonly string[], granted: readonly string[]): string[] {
  const names = ['.default', ...granted.map(permissionOf)];
  return asked.filter((scope) => isOfResource(scope) && !names.includes(permissionOf(scope)));
}

/**
 * What is wrong with the scopes of a ClientCredentials request, which takes exactly one `/.default`
 * scope.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * @returns undefined if nothing is
 */
export function checkAppScopes(scopes: readonly string[]): string | undefined {
  const [first, ...more] = scopes;
  if (first === undefined) return 'no scope is given';
  const mistyped = scopes.find(isMistypedDefault);
  if (mistyped !== undefined) {
    const meant = `${mistyped.slice(0, -'./default'.length).replace(/\/$/, '')}${DEFAULT}`;
    return `'${mistyped}' is no scope, did you mean '${meant}'?`;
  }
  const other = scopes.find((scope) => !isDefault(scope));
  if (other !== undefined) {
    return `ClientCredentials takes one scope that ends in ${DEFAULT}, and '${other}' does not`;
  }
  if (more.length === 0) return undefined;
  const second = more.find((scope) => !sameName(scope, first));
  return second === undefined
    ? `the scope '${first}' is given twice`
    : `one request is for one resource, not for '${first}' and '${second}'`;
}

/**
 * What is wrong with the scopes of a user flow at Entra: all must belong to one resource, and
 * `/.default` must be the only scope of it.
 * https://learn.microsoft.com/entra/identity-platform/scopes-oidc#the-default-scope
 * @returns undefined if nothing is
 */
export function checkUserScopes(scopes: readonly string[]): string | undefined {
  const own = scopes.filter(isOfResource);
  if (scopes.length === 0) return 'no scope is given';
  const mistyped = own.find(isMistypedDefault);
  if (mistyped !== undefined) return checkAppScopes([mistyped]);
  const other = own.find((scope) => comparableResource(scope) !== comparableResource(own[0] ?? ''));
  if (other !== undefined) {
    return `one request is for one resource, not for '${own[0]}' and '${other}'`;
  }
  const all = own.find(isAll);
  if (all === undefined || own.every(isAll)) return undefined;
  return `'${all}' stands for every permission and takes no other scope beside it`;
}

export function withoutTrailingSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/**
 * A scope's resource in one spelling, so that two scopes of one resource have the same. A scope
 * without a resource belongs to Microsoft Graph.
 */
export function comparableResource(scope: string): string {
  return isOfGraph(scope) ? '' : lowerResource(scope);
}

/** True for a scope that names Microsoft Graph, of any cloud, as its resource. */
export function isOfGraph(scope: string): boolean {
  return GRAPH_IDS.includes(lowerResource(scope));
}

/** A scope's resource in lower case and without trailing slash; empty if there is none. */
export function lowerResource(scope: string): string {
  return withoutTrailingSlash(resourceOf(scope)?.toLowerCase() ?? '');
}

function isMistypedDefault(scope: string): boolean {
  return scope.toLowerCase().endsWith('./default');
}

function isDefault(scope: string): boolean {
  return isAll(scope) && resourceOf(scope) !== undefined;
}

/** Without a resource it stands for every permission of Microsoft Graph. */
function isAll(scope: string): boolean {
  return permissionOf(scope) === '.default';
}
