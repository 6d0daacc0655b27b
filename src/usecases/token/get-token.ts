import type { Deadline } from '../../core/deadline.ts';
import { describeDuration } from '../../core/duration.ts';
import type { TokenRequest } from '../../core/oauth.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { refuseUncheckedTls } from '../../core/tls-guard.ts';
import { ungranted } from '../../entra/scopes.ts';
import { maskInCi } from '../../output/mask.ts';
import { prepareSave } from '../../output/save.ts';
import { formatToken } from '../../output/token.ts';
import { chooseProfile, readProfilesOrEnv } from '../../profiles/choose-profile.ts';
import { lifeLeft, type TokenRecord } from '../../tokens/records.ts';
import type { FlightResult } from '../../tokens/single-flight.ts';
import type { CredentialSource } from '../credentials/credential-source.ts';
import { tryCredentials, whileRotating } from '../credentials/try-credentials.ts';
import { cachedOrRequested, type ObtainedToken } from './cached-token.ts';
import { ifCacheOpens, lookupOf, openProfileCache, tokenRecordOf } from './profile-cache.ts';
import { unlessJustRefused } from './recent-refusal.ts';
import { UNKNOWN_ACCOUNT } from './session.ts';
import { flowContext, prepareCall, startTimeLimit, type TokenCall } from './token-call.ts';
import {
  type GetTokenArgs,
  readTokenOptions,
  type TokenOptions,
  withProfile,
} from './token-options.ts';
import { resolveTokenRequest } from './token-request.ts';
import { readTokenStyle } from './token-style.ts';
import { obtainUserToken } from './user-token.ts';

/** Profile in, token out: everything that needs no network is checked before it is used. */
export async function getToken(app: App, args: GetTokenArgs): Promise<Outcome> {
  return handOutToken(app, args, {
    begin: (profile) => `Authenticating with profile '${profile}'...`,
    end: 'Token acquired successfully',
    mayAsk: app.log.interactive,
    obtain: (given) => {
      const call = args['force-refresh'] ? insisting(given) : given;
      return call.request.flow === 'ClientCredentials' && call.source
        ? obtainAppToken(app, call, call.source)
        : obtainUserToken(app, call);
    },
  });
}

function insisting(call: TokenCall): TokenCall {
  return { ...call, request: { ...call.request, insist: true } };
}

/** What a command that hands out a token does in its own way. */
export interface TokenVerb {
  /** What people read at the beginning. */
  begin(profile: string): string;
  readonly end: string;
  readonly mayAsk: boolean;
  obtain(call: TokenCall): Promise<FlightResult<TokenRecord>>;
}

/** From the command line to stdout or the file of `-o`. */
export async function handOutToken(
  app: App,
  args: GetTokenArgs,
  verb: TokenVerb,
): Promise<Outcome> {
  refuseUncheckedTls(app.env);
  const given = readTokenOptions(args);
  const style = readTokenStyle(args, app.env);
  const { output } = args;
  const isPlugin = style.format === 'k8s';
  // kubectl calls for every command of its own, and shows what is on stderr
  const log = isPlugin ? { say: app.log.verbose, done: app.log.verbose } : app.log;
  const save =
    output === undefined ? undefined : prepareSave(output, app.workingFolder, app.paths.home);
  const read = await readProfilesOrEnv(app, args.profile);
  const chosen = await chooseProfile(app, read, args.profile);
  let limit: Deadline | undefined;
  const work = async (file: typeof read, profile: typeof chosen) => {
    const options = withProfile(given, profile);
    const request = resolveTokenRequest(profile, args, options, app.env);
    const { mayAsk } = verb;
    limit ??= startTimeLimit(app, options, request.flow, mayAsk);
    const parts = { file, profile, request, options, deadline: limit, mayAsk };
    const call = prepareCall(app, args, parts);
    log.say(verb.begin(profile.name));
    const obtain = () => verb.obtain(call);
    const flight = isPlugin ? await unlessJustRefused(app, call, obtain) : await obtain();
    return { request, options, ...flight };
  };
  const { request, options, result, fromCache } = await whileRotating(app, read, chosen, work);
  app.log.registerSecret(result.accessToken);
  if (!fromCache) warnOfLess(app, request, options, result);
  if (args.mask) maskInCi(app, result.accessToken);
  log.done(`${verb.end}${forWhom(result)}`);
  const { flow } = request;
  const text = formatToken({ ...result, profile: chosen.name, flow, fromCache }, style);
  if (!save) return { stdout: text };
  save(text);
  app.log.done(`Token saved to ${output}`);
  return { stdout: '' };
}

function forWhom({ account }: Pick<TokenRecord, 'account'>): string {
  return account === undefined || account === UNKNOWN_ACCOUNT ? '' : ` for ${account}`;
}

/** A new token may be less than what was asked for. */
function warnOfLess(
  { clock, log }: Pick<App, 'clock' | 'log'>,
  request: TokenRequest,
  { minTtl }: TokenOptions,
  token: TokenRecord,
): void {
  const left = lifeLeft(token, clock.now());
  if (left < minTtl) {
    log.warn(`the new token lives for ${describeDuration(left)} only; asking again cannot help`);
  }
  const missing = ungranted(request.scopes, token.scopes);
  if (missing.length > 0) log.warn(`the token was given without ${missing.join(' ')}`);
}

/** An application's token: from the cache, else with its credential (RFC 6749 section 4.4). */
export async function obtainAppToken(
  app: App,
  call: TokenCall,
  source: CredentialSource,
): Promise<FlightResult<TokenRecord>> {
  const request = async (): Promise<ObtainedToken> => {
    const { acquireToken } = await import('../../flows/index.ts');
    const answer = await tryCredentials(app, call.profile, source, (credential) =>
      acquireToken(call.request, flowContext(app, call, credential)),
    );
    return { token: tokenRecordOf(app, call, answer) };
  };
  const cache = call.options.useCache
    ? await ifCacheOpens(app, call, () => openProfileCache(app, call))
    : undefined;
  if (!cache) return { result: (await request()).token, fromCache: false };
  return cachedOrRequested(app, cache, call, lookupOf(call), request);
}
