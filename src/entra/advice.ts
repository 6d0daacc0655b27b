import { cloudOf, graphOf } from '../core/clouds.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { FlowName } from '../core/flow-names.ts';
import { ENV_PROFILE } from '../core/names.ts';
import type { TokenRequest } from '../core/oauth.ts';
import { correctionHint, sourcesOutsideProfile } from '../core/origin.ts';
import { scopeConsentLink } from './admin-consent.ts';
import { ADVICE, type AdviceEntry } from './advice-table.ts';

/** The request that failed. */
export interface AdviceFacts
  extends Pick<
    TokenRequest,
    'authority' | 'tenantId' | 'clientId' | 'flow' | 'scopes' | 'origins'
  > {
  readonly profile: string;
  /** The command that makes the same request interactively. */
  readonly command: string;
  /** The issuer, audience or subject of the assertion, as the server quotes it. */
  readonly presented?: string | undefined;
}

const NATIVE = 'register the redirect URI for "Mobile and desktop applications" instead of "Web"';

/** How an app becomes a public client, for the flows that send no client credential. */
const PUBLICLY: Partial<Record<FlowName, string>> = {
  DeviceCode: 'set "Allow public client flows" to Yes for the app',
  InteractiveBrowser: NATIVE,
};

/**
 * Cause and remedy of an Entra error, with the values of the failed request filled in, in one line
 * each.
 * @param number the AADSTS number, for example 7000215
 * @returns undefined if the number is not in the table
 */
export function adviseAadsts(number: number, facts: AdviceFacts) {
  const entry = ADVICE[number];
  if (entry === undefined) return undefined;
  const { authority, clientId, command, flow, profile, tenantId, scopes } = facts;
  const edit = editOf(entry, facts);
  const words: Readonly<Record<string, string>> = {
    profile,
    clientId,
    command,
    flow,
    tenant: tenantId,
    scopes: scopes.join(' '),
    presented: facts.presented === undefined ? '' : `, '${facts.presented}'`,
    edit,
    publicly: PUBLICLY[flow] ?? `${edit} to add one, or ${NATIVE}`,
    graph: graphOf(cloudOf(authority.url)),
    consent: scopeConsentLink(authority.url, scopes, { client_id: clientId }),
  };
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (all, name) => words[name] ?? all);
  // a hint without {edit} has not said yet where the value in question comes from
  const blamed = entry.next.includes('{edit}')
    ? []
    : sourcesOutsideProfile(facts.origins, entry.blames ?? []);
  const hint = fill(entry.next) + (blamed.length > 0 ? `; or ${correctionHint(blamed)}` : '');
  const code: ErrorCode = entry.code ?? 'auth_failed';
  return { code, message: `AADSTS${number}: ${fill(entry.cause)}`, hint };
}

/**
 * How to correct what may be wrong. Editing the profile does not help where a flag or a variable
 * overrides it.
 */
function editOf({ blames = [] }: AdviceEntry, { profile, origins }: AdviceFacts): string {
  const isEnv = profile === ENV_PROFILE;
  const edit = isEnv ? `correct the variables of ${profile}` : `tokencli config edit -p ${profile}`;
  const elsewhere = sourcesOutsideProfile(origins, blames);
  if (elsewhere.length === 0) return edit;
  const ofProfile = blames.some((part) => origins?.[part] === 'profile');
  return ofProfile ? `${correctionHint(elsewhere)}, or ${edit}` : correctionHint(elsewhere);
}

/** True if the advice table has the number. */
export function isKnownAadsts(number: number): boolean {
  return Object.hasOwn(ADVICE, number);
}
