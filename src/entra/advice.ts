import { cloudOf, graphOf } from '../core/clouds.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { FlowName } from '../core/flow-names.ts';
import { ENV_PROFILE } from '../core/names.ts';
import type { TokenRequest } from '../core/oauth.ts';
import { correctionHint, type RequestPart, sourcesOutsideProfile } from '../core/origin.ts';
import { scopeConsentLink } from './admin-consent.ts';
import { ADVICE } from './advice-table.ts';

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

/** What the server says of an app or a tenant may be right of the one that was not meant. */
const NAMED: readonly (readonly [word: string, part: RequestPart])[] = [
  ['{clientId}', 'clientId'],
  ['{tenant}', 'tenantId'],
];

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
  const named = NAMED.filter(([word]) => entry.cause.includes(word)).map(([, part]) => part);
  const { blames = named } = entry;
  const elsewhere = sourcesOutsideProfile(facts.origins, [...blames, ...named]);
  const isEnv = profile === ENV_PROFILE;
  const own = isEnv ? `correct the variables of ${profile}` : `tokencli config edit -p ${profile}`;
  const ofProfile = blames.some((part) => facts.origins?.[part] === 'profile');
  // an edit of the profile changes nothing about what a flag or a variable says in its place
  const cures =
    elsewhere.length > 0 ? [correctionHint(elsewhere), ...(ofProfile ? [own] : [])] : [own];
  const words: Readonly<Record<string, string>> = {
    profile,
    clientId,
    command,
    flow,
    tenant: tenantId,
    scopes: scopes.join(' '),
    presented: facts.presented === undefined ? '' : `, '${facts.presented}'`,
    edit: cures.join(', or '),
    own,
    publicly: PUBLICLY[flow] ?? `${own} to add one, or ${NATIVE}`,
    graph: graphOf(cloudOf(authority.url)),
    consent: scopeConsentLink(authority.url, scopes, { client_id: clientId }),
  };
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (all, name) => words[name] ?? all);
  // a hint without {edit} has not said yet where the value in question comes from
  const isSaid = entry.next.includes('{edit}') || elsewhere.length === 0;
  const hint = fill(entry.next) + (isSaid ? '' : `; or ${correctionHint(elsewhere)}`);
  const code: ErrorCode = entry.code ?? 'auth_failed';
  return { code, message: `AADSTS${number}: ${fill(entry.cause)}`, hint };
}

/** True if the advice table has the number. */
export function isKnownAadsts(number: number): boolean {
  return Object.hasOwn(ADVICE, number);
}
