import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { acquireToken } from '../../flows/index.ts';
import type { TokenCache } from '../../tokens/cache.ts';
import { tryCredentials } from '../credentials/try-credentials.ts';
import type { TokenResult } from './cached-token.ts';
import { ifCacheOpens, lockProfile, lookupOf, saveOrWarn, tokenRecordOf } from './profile-cache.ts';
import {
  accountName,
  checkSamePerson,
  isIncomparable,
  isUnexpected,
  sessionOf,
} from './session.ts';
import { flowContext, type TokenCall } from './token-call.ts';
import { isForPerson } from './token-options.ts';

/**
 * Lets a person sign in, and keeps the sign-in and its token.
 * @param reason why no token could be had without a person
 */
export async function signIn(
  app: App,
  cache: TokenCache | undefined,
  call: TokenCall,
  reason: CliError,
): Promise<TokenResult> {
  const { profile, source, deadline } = call;
  const claims = reason.details.claims ?? call.request.claims;
  const request = { ...call.request, ...(claims !== undefined && { claims }) };
  const before = cache && (await ifCacheOpens(app, call, () => cache.session()));
  if (before && !isForPerson(call.options.prompt)) app.log.say(`${reason.message}.`);
  if (before && isIncomparable(before, call)) await askWhetherSamePerson(app, call);
  // a sign-in is not repeated with another credential, so the first that can be loaded is used
  const credential =
    source && (() => tryCredentials(app, profile, source, deadline, (load) => load()));
  const token = await acquireToken(request, {
    ...flowContext(app, call, credential),
    accept: ({ signedIn }) =>
      checkSamePerson(before, sessionOf(call, signedIn, app.clock.now()), call),
  });
  const session = sessionOf(call, token.signedIn, app.clock.now());
  if (isUnexpected(session)) {
    app.log.warn(
      `the account that signed in is ${accountName(session)}, though ${session.loginHint} was asked for`,
    );
  }
  const result = tokenRecordOf(app, call, token, session);
  if (!cache) return { result, fromCache: false };
  const release = await lockToSave(app, cache, call);
  try {
    checkSamePerson(await ifCacheOpens(app, call, () => cache.session()), session, call);
    const lookup = lookupOf(call, session.account.id);
    const change = { token: { lookup, record: result }, session, displaces: true };
    if (release) await saveOrWarn(app, () => cache.save(change));
  } finally {
    release?.();
  }
  return { result, fromCache: false };
}

/** @throws CliError auth_failed if it is another one, or nobody says so */
async function askWhetherSamePerson(app: App, { profile, request }: TokenCall): Promise<void> {
  const question =
    `${new URL(request.authority.url).host} does not say who signs in. ` +
    `Is it the person who is signed in to profile '${profile.name}' already?`;
  if (await (await app.prompter()).confirm(question, false)) return;
  throw new CliError('auth_failed', `somebody else is signed in to profile '${profile.name}'`, {
    hint: `tokencli logout -p ${profile.name}, or use a profile of its own`,
  });
}

/** Whoever has signed in gets the token, even if another process does not let go of the cache. */
async function lockToSave(app: App, cache: TokenCache, call: TokenCall) {
  try {
    return await lockProfile(app, cache, call);
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'busy') throw error;
    app.log.warn(`the sign-in is not kept: ${error.message}`);
    return undefined;
  }
}
