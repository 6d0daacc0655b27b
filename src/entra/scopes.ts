import { CliError } from '../core/errors.ts';
import { sameName } from '../core/names.ts';

const DEFAULT = '/.default';
// OpenID Connect Core 1.0 sections 5.4 and 11: these belong to no resource.
const OIDC_SCOPES = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);

/**
 * Scopes from any number of texts, separated by white space or commas. The resource of a scope is
 * carried over to bare names after it: `https://host/A B` is `https://host/A https://host/B`.
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
 * The scope that stands for everything of a resource. The resource is taken exactly: one that ends
 * in a slash gives two.
 * @throws CliError usage when it cannot be a resource
 */
export function resourceScope(uri: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is refused
  if (/[\s,\u0000-\u001f\u007f]/.test(uri) || uri === '') {
    throw new CliError('usage', '--resource takes one resource', {
      hint: 'for example --resource https://graph.microsoft.com',
    });
  }
  if (uri.toLowerCase().endsWith(DEFAULT)) {
    throw new CliError('usage', `--resource takes the resource without ${DEFAULT}`, {
      hint: `--resource ${uri.slice(0, -DEFAULT.length)}`,
    });
  }
  return `${uri}${DEFAULT}`;
}

/** False for the scopes of OpenID Connect, which say what is told of the person. */
export function isOfResource(scope: string): boolean {
  return !OIDC_SCOPES.has(scope.toLowerCase());
}

/** What stands before the scope's last slash, or undefined for a bare name. */
export function resourceOf(scope: string): string | undefined {
  const end = scope.lastIndexOf('/');
  const resource = scope.slice(0, Math.max(0, end));
  return resource === '' || resource.endsWith(':/') ? undefined : resource;
}

/** What stands after the scope's last slash, in lower case: servers name resources in several ways. */
export function nameOf(scope: string): string {
  return scope.slice(scope.lastIndexOf('/') + 1).toLowerCase();
}

/** The permissions that were asked for by name and are not among those granted. */
export function ungranted(asked: readonly string[], granted: readonly string[]): string[] {
  const names = granted.map(nameOf);
  return asked.filter(
    (scope) =>
      isOfResource(scope) && nameOf(scope) !== '.default' && !names.includes(nameOf(scope)),
  );
}

/**
 * Tells what is wrong with the scopes of a ClientCredentials request, which takes exactly one
 * `/.default` scope (Microsoft identity platform, "OAuth 2.0 client credentials flow").
 * @returns undefined if nothing is
 */
export function checkAppScopes(scopes: readonly string[]): string | undefined {
  const [first, ...more] = scopes;
  if (first === undefined) return 'no scope is given';
  const mistyped = scopes.find((scope) => scope.endsWith('./default'));
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
 * Tells what is wrong with the scopes of a user flow at Entra: they belong to one resource, and
 * `/.default` stands alone there (Microsoft identity platform, "Scopes and permissions").
 * @returns undefined if nothing is
 */
export function checkUserScopes(scopes: readonly string[]): string | undefined {
  const own = scopes.filter(isOfResource);
  if (scopes.length === 0) return 'no scope is given';
  const mistyped = own.find((scope) => scope.endsWith('./default'));
  if (mistyped !== undefined) return checkAppScopes([mistyped]);
  const key = (scope: string) => resourceOf(scope)?.toLowerCase().replace(/\/+$/, '') ?? '';
  const other = own.find((scope) => key(scope) !== key(own[0] ?? ''));
  if (other !== undefined) {
    return `one request is for one resource, not for '${own[0]}' and '${other}'`;
  }
  const all = own.find(isDefault);
  if (all === undefined || own.every(isDefault)) return undefined;
  return `'${all}' stands for every permission and takes no other scope beside it`;
}

function isDefault(scope: string): boolean {
  return scope.toLowerCase().endsWith(DEFAULT) && resourceOf(scope) !== undefined;
}
