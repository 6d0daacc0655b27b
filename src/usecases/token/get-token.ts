import type { Deadline } from '../../core/deadline.ts';
import { describeDuration } from '../../core/duration.ts';
import type { TokenRequest } from '../../core/oauth.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { refuseUncheckedTls } from '../../core/tls-guard.ts';
import { ungranted } from '../../entra/scopes.ts';
import { formatToken, maskInCi } from '../../output/token.ts';
import { chooseProfile, readProfilesOrEnv } from '../../profiles/choose-profile.ts';
import { lifeLeft, type TokenRecord } from '../../tokens/records.ts';
import type { CredentialSource } from '../credentials/credential-source.ts';
import { tryCredentials, whileRotating } from '../credentials/try-credentials.ts';
import { cachedOrRequested, type ObtainedToken, type TokenResult } from './cached-token.ts';
import {
  ifCacheOpens,
  lockProfile,
  lookupOf,
  openProfileCache,
  tokenRecordOf,
} from './profile-cache.ts';
import { UNKNOWN_ACCOUNT } from './session.ts';
import { flowContext, prepareCall, type TokenCall } from './token-call.ts';
import { type GetTokenArgs, readTokenOptions, type TokenOptions } from './token-options.ts';
import { readTokenStyle } from './token-style.ts';
import { obtainUserToken } from './user-token.ts';

/** Profile in, token out: all that can be checked without the network is checked first. */
export async function getToken(app: App, args: GetTokenArgs): Promise<Outcome> {
  return handOutToken(app, args, {
    begin: (profile) => `Authenticating with profile '${profile}'...`,
    end: 'Token acquired successfully',
    mayAsk: app.log.interactive,
    obtain: (call) => obtainByFlow(app, args['force-refresh'] ? ignoringRetryAfter(call) : call),
  });
}

/** From the cache, else an application's or a person's token, as the flow says. */
export function obtainByFlow(app: App, call: TokenCall): Promise<TokenResult> {
  return call.request.flow === 'ClientCredentials' && call.source
    ? obtainAppToken(app, call, call.source)
    : obtainUserToken(app, call);
}

function ignoringRetryAfter(call: TokenCall): TokenCall {
  return { ...call, request: { ...call.request, ignoresRetryAfter: true } };
}

/** What differs between the commands that obtain a token. */
export interface ObtainOptions {
  /** What people read at the beginning. */
  begin?(profile: string): string;
  readonly mayAsk: boolean;
  /** By default as the flow says. */
  obtain?(call: TokenCall): Promise<TokenResult>;
}

/** The same for a command that prints the token. */
export interface HandOutOptions extends Required<ObtainOptions> {
  /** What people read at the end. */
  readonly end: string;
}

/** A token that may be handed out, and what it was asked for with. */
export interface ObtainedResult extends TokenResult {
  /** Name of the profile. */
  readonly profile: string;
  readonly request: TokenRequest;
  readonly options: TokenOptions;
}

/** From the command line to stdout or the file of `-o`. */
export async function handOutToken(
  app: App,
  args: GetTokenArgs,
  how: HandOutOptions,
): Promise<Outcome> {
  const style = readTokenStyle(args, app.env);
  const { output } = args;
  const load = () => import('../../output/save.ts');
  const save = output === undefined ? undefined : (await load()).prepareSave(app, output);
  const obtained = await obtainToken(app, args, style.format === 'k8s' ? asPlugin(app, how) : how);
  const { profile, request, result, fromCache } = obtained;
  if (args.mask) maskInCi(app, result.accessToken);
  // kubectl runs us for each of its own commands, and shows our stderr every time
  if (style.format !== 'k8s') app.log.done(`${how.end}${forWhom(result)}`);
  const { flow } = request;
  const text = formatToken({ ...result, profile, flow, fromCache }, style);
  if (!save) return { stdout: text };
  save(text);
  app.log.done(`Token saved to ${output}`);
  return { stdout: '' };
}

function asPlugin(app: App, { mayAsk, obtain }: HandOutOptions): ObtainOptions {
  return {
    mayAsk,
    obtain: async (call) => {
      const { unlessJustRefused } = await import('./recent-refusal.ts');
      return unlessJustRefused(app, call, () => obtain(call));
    },
  };
}

/** From the options of a command line to the token. */
export async function obtainToken(
  app: App,
  args: GetTokenArgs,
  { begin, mayAsk, obtain = (call) => obtainByFlow(app, call) }: ObtainOptions,
): Promise<ObtainedResult> {
  refuseUncheckedTls(app.env);
  // a wrong option is refused before anything is read or asked
  readTokenOptions(args);
  const read = await readProfilesOrEnv(app, args.profile);
  const chosen = await chooseProfile(app, read, args.profile);
  let limit: Deadline | undefined;
  const work = async (file: typeof read, profile: typeof chosen) => {
    const call = await prepareCall(app, args, { file, profile, mayAsk }, limit);
    const { request, options } = call;
    limit = call.deadline;
    if (begin) app.log.say(begin(profile.name));
    return { profile: profile.name, request, options, ...(await obtain(call)) };
  };
  const obtained = await whileRotating(app, read, chosen, work);
  app.log.registerSecret(obtained.result.accessToken);
  if (!obtained.fromCache) warnOfLess(app, obtained);
  return obtained;
}

function forWhom({ account }: Pick<TokenRecord, 'account'>): string {
  return account === undefined || account === UNKNOWN_ACCOUNT ? '' : ` for ${account}`;
}

/** Warns if a new token ends sooner, or may do less, than what was asked for. */
function warnOfLess({ clock, log }: App, { request, options, result }: ObtainedResult): void {
  const left = lifeLeft(result, clock.now());
  if (left < options.minTtl) {
    log.warn(`the new token lives for ${describeDuration(left)} only; asking again cannot help`);
  }
  const missing = ungranted(request.scopes, result.scopes);
  if (missing.length > 0) log.warn(`the token was given without ${missing.join(' ')}`);
}

/** An application's token: from the cache, else with its credential (RFC 6749 section 4.4). */
export async function obtainAppToken(
  app: App,
  call: TokenCall,
  source: CredentialSource,
): Promise<TokenResult> {
  const request = async (): Promise<ObtainedToken> => {
    const { acquireToken } = await import('../../flows/index.ts');
    const answer = await tryCredentials(app, call.profile, source, call.deadline, (credential) =>
      acquireToken(call.request, flowContext(app, call, credential)),
    );
    return { token: tokenRecordOf(app, call, answer) };
  };
  const cache = call.options.useCache
    ? await ifCacheOpens(app, call, () => openProfileCache(app, call))
    : undefined;
  if (!cache) return { result: (await request()).token, fromCache: false };
  const lock = () => lockProfile(app, cache, call);
  return cachedOrRequested(app, cache, call, lookupOf(call), { lock, request });
}
