import { sameName } from './names.ts';

/** The names of the four flows, as profiles, options and the documentation spell them. */
export const FLOW_NAMES = [
  'ClientCredentials',
  'AuthorizationCode',
  'DeviceCode',
  'InteractiveBrowser',
] as const;

export type FlowName = (typeof FLOW_NAMES)[number];

/** Accepts any case, and hyphens between the words: `client-credentials`, `DEVICECODE`. */
export function parseFlowName(text: string): FlowName | undefined {
  const wanted = text.replaceAll('-', '');
  return FLOW_NAMES.find((name) => sameName(name, wanted));
}
