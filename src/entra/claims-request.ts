import { isObject, parseJsonObject } from '../core/json.ts';

/** Whose claims can be requested (OpenID Connect Core section 5.5); `access_token` is Entra's. */
const MEMBERS = ['access_token', 'id_token', 'userinfo'];

/**
 * A claims request (OpenID Connect Core section 5.5) in one spelling.
 * @returns undefined if the text is none
 */
export function readClaimsRequest(text: string): string | undefined {
  const request = parseJsonObject(text);
  const isWhole = MEMBERS.every((name) => request?.[name] === undefined || isObject(request[name]));
  return request && isWhole ? JSON.stringify(request) : undefined;
}
