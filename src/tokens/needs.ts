import { sameName } from '../core/names.ts';
import { isGuid } from '../core/tenant.ts';
import { audiencesOf, rolesOf, scopesOf } from './claims.ts';
import type { JsonObject } from './jwt.ts';
import { sameAudience } from './known-names.ts';

export interface Needs {
  /** Bare (`Mail.Send`) or with the API in front (`https://graph.microsoft.com/Mail.Send`). */
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** The token must be for one of them. */
  readonly audiences: readonly string[];
}

export interface Lack {
  /** What is missing: `the scope Mail.Send`. */
  readonly what: string;
  /** What would grant it. */
  readonly grant: string;
}

/** What an API that asks for all this would miss in a token. Nothing is verified. */
export function findLacks(claims: JsonObject, needs: Needs): Lack[] {
  const lacks: Lack[] = [];
  const { audiences, scopes } = splitScopes(needs);
  const wanted = audiences.filter((group) => !isFor(claims, group));
  lacks.push(...wanted.map((group) => lackingAudience(claims, group)));
  const appOnly = scopesOf(claims).length === 0;
  for (const scope of scopes) {
    if (!scopesOf(claims).includes(scope)) lacks.push(lackingScope(claims, scope, appOnly));
  }
  for (const role of needs.roles) {
    if (!rolesOf(claims).includes(role)) lacks.push(lackingRole(claims, role, appOnly));
  }
  return lacks;
}

/** @param group acceptable values, of which one is enough */
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

function lackingAudience(claims: JsonObject, group: readonly string[]): Lack {
  const actual = audiencesOf(claims).join(', ') || 'nobody';
  return {
    what: `the audience ${group.join(' or ')} (it is for ${actual})`,
    grant: `tokencli get-token --resource ${group[0]}`,
  };
}

function lackingScope(claims: JsonObject, scope: string, appOnly: boolean): Lack {
  const what = `the scope ${scope}${otherCase(scopesOf(claims), scope)}`;
  if (appOnly) {
    return {
      what: `${what} (it is app-only and has roles instead)`,
      grant: `sign a user in: tokencli get-token -f InteractiveBrowser --scope ${full(claims, scope)}`,
    };
  }
  return { what, grant: `tokencli get-token --scope ${full(claims, scope)}` };
}

function lackingRole(claims: JsonObject, role: string, appOnly: boolean): Lack {
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
