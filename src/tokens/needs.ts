import { sameName } from '../core/names.ts';
import { shellOption } from '../core/shell-word.ts';
import { isGuid } from '../core/tenant.ts';
import { audiencesOf, rolesOf, scopesOf } from './claims.ts';
import type { JsonObject } from './jwt.ts';
import { sameAudience } from './known-names.ts';

/** What an API requires of a token. */
export interface Needs {
  /** With or without the API: `Mail.Send`, `https://graph.microsoft.com/Mail.Send`. */
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** The token must be for one of these APIs; empty if any API will do. */
  readonly audiences: readonly string[];
}

export interface MissingPermission {
  /** What is missing: `the scope Mail.Send`. */
  readonly what: string;
  /** What to do to get it. */
  readonly grant: string;
}

/** What a token lacks of the needs. The token is not verified. */
export function findMissing(claims: JsonObject, needs: Needs): MissingPermission[] {
  const wanted = splitScopes(needs);
  const held = scopesOf(claims);
  const appOnly = held.length === 0;
  const audiences = wanted.audiences.filter((group) => !isFor(claims, group));
  const scopes = wanted.scopes.filter((scope) => !held.includes(scope));
  const roles = needs.roles.filter((role) => !rolesOf(claims).includes(role));
  return [
    ...audiences.map((group) => lackingAudience(claims, group)),
    ...scopes.map((scope) => lackingScope(claims, scope, appOnly)),
    ...roles.map((role) => lackingRole(claims, role, appOnly)),
  ];
}

/** True if the token's `aud` is one of these audiences. */
export function isFor(claims: JsonObject, group: readonly string[]): boolean {
  return audiencesOf(claims).some((aud) => group.some((wanted) => sameAudience(aud, wanted)));
}

function splitScopes(needs: Needs): { audiences: string[][]; scopes: string[] } {
  const audiences = needs.audiences.length > 0 ? [[...needs.audiences]] : [];
  const scopes = needs.scopes.map((scope) => {
    const slash = scope.lastIndexOf('/');
    if (slash === -1) return scope;
    audiences.push([scope.slice(0, slash)]);
    return scope.slice(slash + 1);
  });
  return { audiences, scopes };
}

function lackingAudience(claims: JsonObject, group: readonly string[]): MissingPermission {
  const actual = audiencesOf(claims).join(', ') || 'nobody';
  return {
    what: `the audience ${group.join(' or ')} (it is for ${actual})`,
    grant: `tokencli get-token ${shellOption('--resource', group[0] ?? '')}`,
  };
}

function lackingScope(claims: JsonObject, scope: string, appOnly: boolean): MissingPermission {
  const what = `the scope ${scope}${otherCase(scopesOf(claims), scope)}`;
  const wanted = shellOption('--scope', full(claims, scope));
  if (appOnly) {
    return {
      what: `${what} (it is app-only and has roles instead)`,
      grant: `sign a user in: tokencli get-token -f InteractiveBrowser ${wanted}`,
    };
  }
  return { what, grant: `tokencli get-token ${wanted}` };
}

function lackingRole(claims: JsonObject, role: string, appOnly: boolean): MissingPermission {
  const grant = appOnly
    ? `add the application permission ${role} to the app, have an administrator consent, then tokencli get-token --force-refresh`
    : `assign the app role ${role} to the user or a group in the API's enterprise application, then tokencli get-token --force-refresh`;
  return { what: `the role ${role}${otherCase(rolesOf(claims), role)}`, grant };
}

function otherCase(there: readonly string[], wanted: string): string {
  const near = there.find((name) => sameName(name, wanted));
  return near ? ` (it has ${near}, in another case)` : '';
}

function full(claims: JsonObject, scope: string): string {
  const [audience] = audiencesOf(claims);
  if (!audience) return scope;
  return `${isGuid(audience) ? `api://${audience}` : audience.replace(/\/$/, '')}/${scope}`;
}
