import { sameName } from './names.ts';

/** The names of the four flows, as profiles, options and the documentation spell them. */
export const FLOW_NAMES = [
  'ClientCredentials',
  'AuthorizationCode',
  'DeviceCode',
  'InteractiveBrowser',
] as const;

export type FlowName = (typeof FLOW_NAMES)[number];

/**
 * What the sign-in page may be asked for: OpenID Connect Core 1.0 section 3.1.2.1, `create` of Entra,
 * and `default`, which leaves it to the issuer.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export const PROMPTS = ['login', 'select_account', 'consent', 'none', 'create', 'default'] as const;

/** Accepts any case, and hyphens between the words: `client-credentials`, `DEVICECODE`. */
export function parseFlowName(text: string): FlowName | undefined {
  const wanted = text.replaceAll('-', '');
  return FLOW_NAMES.find((name) => sameName(name, wanted));
}
