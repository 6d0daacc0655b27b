import type { Context } from 'oidc-provider';
import type { Directory } from './directory.ts';
import { split } from './scope-rules.ts';
import { defaultScopes } from './token-rules.ts';

/** The last touch on an access token: names as Entra has them, and nothing else. */
export function shapeToken(
  directory: Directory,
  ctx: Context,
  token: { readonly accountId?: string },
  jwt: { header: object | undefined; payload: Record<string, unknown> },
): void {
  const { client_id: _client, scope, aud, iss, iat, exp, ...rest } = jwt.payload;
  const app = token.accountId === undefined;
  jwt.header = { typ: 'JWT' };
  jwt.payload = {
    aud,
    iss,
    iat,
    nbf: iat,
    exp,
    ...rest,
    ...(app
      ? { sub: rest['oid'] }
      : { scp: shortScopes(defaultScopes(directory, ctx) ?? split(String(scope ?? ''))) }),
  };
}

function shortScopes(scopes: readonly string[]): string {
  const names = scopes.map((one) => one.slice(one.lastIndexOf('/') + 1));
  return [...new Set(names)].filter((name) => name !== '.default').join(' ');
}
