import { CliError } from '../../core/errors.ts';
import type { Account, Authority, SignedIn, TokenRequest } from '../../core/oauth.ts';
import { type RequestPart, sourcesOutsideProfile } from '../../core/origin.ts';
import type { SessionRecord } from '../../tokens/records.ts';
import type { TokenCall } from './token-call.ts';

/** Stands for the id of an account that the identity provider does not tell. */
export const UNKNOWN_ACCOUNT = 'unknown';

/** The place where a sign-in is valid, whatever the tenant and the resource (`SessionRecord.root`). */
export function rootOf({ protocol, url }: Authority): string {
  return protocol === 'oidc' ? url : new URL(url).origin;
}

/**
 * Tells why a sign-in cannot serve this call without a person.
 * @returns undefined if it can
 */
export function mismatchOf(
  session: SessionRecord | undefined,
  { profile, request, source }: Pick<TokenCall, 'profile' | 'request' | 'source'>,
): CliError | undefined {
  const needed = (why: string) => new CliError('interaction_required', why);
  if (!session) return needed(`profile '${profile.name}' is not signed in`);
  const { clientId } = session;
  if (clientId !== request.clientId) {
    const now = `${request.clientId}${from(request, 'clientId')}`;
    return needed(`app ${now} needs a sign-in of its own; the existing one is for app ${clientId}`);
  }
  if (session.root !== rootOf(request.authority)) {
    const now = `${rootOf(request.authority)}${from(request, 'authority')}`;
    return needed(`the existing sign-in is at ${session.root}, not at ${now}`);
  }
  if (session.confidential !== (source !== undefined)) {
    return needed('the existing sign-in was made by another kind of flow');
  }
  if (isOfAnother(session, request)) {
    const isKnown = accountName(session) !== UNKNOWN_ACCOUNT;
    return needed(
      isKnown
        ? `the signed-in account is ${accountName(session)}, not ${request.loginHint}`
        : `it is not known whether ${request.loginHint} is the account that signed in`,
    );
  }
  return undefined;
}

function from({ origins }: Pick<TokenRequest, 'origins'>, part: RequestPart): string {
  const [name] = sourcesOutsideProfile(origins, [part]);
  return name === undefined ? '' : ` (from ${name})`;
}

/** True if the call is for somebody else than who signed in. */
export function isOfAnother(
  { loginHint, account }: SessionRecord,
  request: Pick<TokenRequest, 'loginHint'>,
): boolean {
  const wanted = lower(request.loginHint);
  return wanted !== undefined && ![loginHint, account.username].map(lower).includes(wanted);
}

/** True if the name of who signed in is not the one that was asked for; it may be an alias. */
export function isUnexpected({ loginHint, account: { username } }: SessionRecord): boolean {
  const names = [loginHint, username];
  return names.every((name) => name?.includes('@')) && new Set(names.map(lower)).size > 1;
}

function lower(name: string | undefined): string | undefined {
  return name?.toLowerCase();
}

/** The name of the account, for messages. */
export function accountName({ account }: SessionRecord): string {
  return account.username ?? account.id;
}

/** The record of a sign-in or a renewal. @param before the record that was renewed */
export function sessionOf(
  { request, source }: Pick<TokenCall, 'request' | 'source'>,
  signedIn: SignedIn | undefined,
  now: number,
  before?: SessionRecord,
): SessionRecord {
  const refreshToken = signedIn?.refreshToken ?? before?.refreshToken;
  const rotated = signedIn?.refreshToken !== undefined;
  const end = rotated ? signedIn.refreshTokenExpiresOn : before?.refreshTokenExpiresOn;
  const loginHint = request.loginHint ?? before?.loginHint;
  return {
    record: 'session',
    root: rootOf(request.authority),
    clientId: request.clientId,
    confidential: source !== undefined,
    account: accountAfter(before?.account, signedIn?.account),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(end !== undefined && { refreshTokenExpiresOn: end }),
    ...(loginHint !== undefined && { loginHint }),
    signedInOn: before?.signedInOn ?? now,
    renewedOn: now,
  };
}

/** Another account takes nothing over from the one before, such as its name. */
function accountAfter(before: Account | undefined, now: Account | undefined): Account {
  return now && now.id !== before?.id ? now : { id: UNKNOWN_ACCOUNT, ...before, ...now };
}

/** True if the server did not say who signed in before, and that sign-in can still be renewed. */
export function isIncomparable(before: SessionRecord, { request }: TokenCall): boolean {
  const isSamePlace = before.root === rootOf(request.authority);
  return isSamePlace && before.account.id === UNKNOWN_ACCOUNT && before.refreshToken !== undefined;
}

/**
 * A profile is one person's: another one's tokens must not take their place unnoticed. Where the
 * server did not say who signed in, the person was asked before (`isIncomparable`).
 */
export function checkSamePerson(
  before: SessionRecord | undefined,
  after: SessionRecord,
  { profile, request }: Pick<TokenCall, 'profile' | 'request'>,
): void {
  if (!before || before.root !== rootOf(request.authority)) return;
  if (before.account.id === UNKNOWN_ACCOUNT || before.account.id === after.account.id) return;
  const say = (one: SessionRecord) =>
    accountName(one) +
    (accountName(after) === accountName(before) ? ` (id ${one.account.id})` : '');
  throw new CliError(
    'auth_failed',
    `${say(after)} signed in, but profile '${profile.name}' is signed in as ${say(before)}`,
    { hint: `tokencli logout -p ${profile.name}, or use a profile of its own` },
  );
}
