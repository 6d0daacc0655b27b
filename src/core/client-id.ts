import type { Protocol } from './oauth.ts';
import { looksLikeSecret } from './secret-shape.ts';
import { isGuid } from './tenant.ts';

/** The rule for a client id; completes the message `the client id …`. */
export const CLIENT_ID_RULES: Readonly<Record<Protocol, string>> = {
  entra: "must be a GUID: the Application (client) ID on the app's overview page",
  oidc: 'must be printable text without blanks, and no secret',
};

/** True for a GUID in any case with Entra, for printable text without blanks with other issuers. */
export function isClientId(value: string, protocol: Protocol = 'entra'): boolean {
  if (protocol !== 'oidc') return isGuid(value);
  return /^[^\s\p{C}]+$/u.test(value) && !looksLikeSecret(value);
}
