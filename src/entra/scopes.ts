const DEFAULT = '/.default';
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Scopes that belong to the sign-in, not to a resource (OpenID Connect Core sections 5.4, 11). */
const SIGN_IN = ['openid', 'profile', 'email', 'offline_access'];

/**
 * Reads scopes as people write them: separated by spaces or commas, given once or several times.
 * Bare names after a resource-prefixed scope belong to that resource, as in
 * `https://graph.microsoft.com/User.Read Mail.Read`.
 */
export function splitScopes(texts: readonly string[]): string[] {
  const scopes: string[] = [];
  let resource: string | undefined;
  for (const word of texts.flatMap((text) => text.split(/[\s,]+/)).filter(Boolean)) {
    const own = resourceOf(word);
    const bare = own === undefined && resource !== undefined && !SIGN_IN.includes(word);
    scopes.push(bare ? `${resource}/${word}` : word);
    resource = own ?? resource;
  }
  return [...new Set(scopes)];
}

/** The scope that asks for everything a resource grants; the resource is kept to the letter. */
export function resourceScope(resource: string): string {
  return `${resource}${DEFAULT}`;
}

/** The part in front of the last slash. @returns undefined for a bare name such as `User.Read` */
export function resourceOf(scope: string): string | undefined {
  const end = scope.lastIndexOf('/');
  const resource = end > 0 ? scope.slice(0, end) : '';
  return /^[a-z][a-z0-9+.-]*:\/\/./i.test(resource) || GUID.test(resource) || /\./.test(resource)
    ? resource
    : undefined;
}

/** Several resources in one request are refused by Entra (AADSTS28000). */
export function resourcesOf(scopes: readonly string[]): string[] {
  const resources = scopes.map((scope) => resourceOf(scope)?.toLowerCase());
  return [...new Set(resources.filter((resource) => resource !== undefined))];
}

/**
 * What Entra would refuse in a client credentials request (AADSTS70011, 1002012).
 * @returns one line, or undefined if nothing is wrong
 */
export function checkAppScopes(scopes: readonly string[]): string | undefined {
  const wrong = scopes.find((scope) => !scope.endsWith(DEFAULT) || scope === DEFAULT);
  const [first, second] = scopes;
  if (first === undefined) return 'no scope is given';
  if (/^\.\/?\.?default$/.test(first))
    return `'${first}' names no resource, write RESOURCE/.default`;
  if (resourcesOf(scopes).length > 1) {
    return `one request is for one resource, not for ${resourcesOf(scopes).join(' and ')}`;
  }
  if (wrong !== undefined) {
    const resource = resourceOf(wrong) ?? 'https://graph.microsoft.com';
    return `ClientCredentials takes RESOURCE/.default, not '${wrong}'; perhaps ${resource}/.default`;
  }
  return second === undefined ? undefined : 'ClientCredentials takes exactly one scope';
}
