import { sameName } from './names.ts';

/** The four flows by the names that profiles, flags and the documentation use. */
export const FLOW_NAMES = [
  'ClientCredentials',
  'AuthorizationCode',
  'DeviceCode',
  'InteractiveBrowser',
] as const;

export type FlowName = (typeof FLOW_NAMES)[number];

/** Accepts any case and kebab-case: `client-credentials`, `DEVICECODE`. */
export function parseFlowName(text: string): FlowName | undefined {
  const wanted = text.replaceAll('-', '');
  return FLOW_NAMES.find((name) => sameName(name, wanted));
}
