import { CliError } from '../../core/errors.ts';
import type { AcquiredToken } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import type { TokenCache } from '../../tokens/cache.ts';
import type { SessionRecord, TokenRecord } from '../../tokens/records.ts';
import { type FlightResult, singleFlight } from '../../tokens/single-flight.ts';
import { tryCredentials } from '../credentials/try-credentials.ts';
import { keepOfflineFallback } from './offline-fallback.ts';
import { forgiving, keep, lockProfile, partsOf, toRecord, willDo } from './profile-cache.ts';
import { checkSamePerson, isOfAnother, mismatchOf, sessionOf } from './session.ts';
import type { TokenCall } from './token-call.ts';

interface Renewed {
  readonly record: TokenRecord;
  /** With the refresh token of now; absent for what was in the cache. */
  readonly session?: SessionRecord;
}

/**
 * A person's token without asking a person: from the cache, else by the refresh token, one request
 * for all processes that want the same.
 * @returns why a person is needed, as `interaction_required` or `token_expired`
 * @throws CliError whatever a person cannot help with
 */
export async function renewSilently(
  app: App,
  cache: TokenCache,
  call: TokenCall,
): Promise<FlightResult<TokenRecord> | CliError> {
  // where nobody can be asked, a cache that cannot be opened is the reason to tell
  const session = call.mayAsk
    ? await forgiving(app, call, () => cache.session())
    : await cache.session();
  if (!session) return notSignedIn(call);
  const mismatch = mismatchOf(session, call);
  if (mismatch && isOfAnother(session, call.target)) return mismatch;
  const parts = partsOf(call, session.account.id);
  const spare = keepOfflineFallback(app, call);
  const find = async (waitedSince?: number) => {
    const found = await forgiving(app, call, () => cache.find(parts));
    spare.see(found);
    const good = found && willDo(found, call.options, app.clock.now(), waitedSince);
    return good ? { record: found } : undefined;
  };
  if (mismatch) {
    // the sign-in took the place of another one, whose tokens live on
    const there = await find();
    return there ? { result: there.record, fromCache: true } : mismatch;
  }
  try {
    const { result, fromCache } = await singleFlight<Renewed>({
      now: () => app.clock.now(),
      find,
      lock: () => lockProfile(app, cache, call),
      request: () => renew(app, cache, call),
      save: ({ record, session }) =>
        keep(app, () => cache.save({ token: { parts, record }, session })),
    });
    return { result: result.record, fromCache };
  } catch (failure) {
    if (failure instanceof CliError && PERSON_HELPS.includes(failure.code)) return failure;
    return spare.insteadOf(failure);
  }
}

const PERSON_HELPS = ['interaction_required', 'token_expired'];

/** The lock is held: what the cache says now is what counts. */
async function renew(app: App, cache: TokenCache, call: TokenCall): Promise<Renewed> {
  const session = await cache.session();
  const mismatch = mismatchOf(session, call);
  if (mismatch || !session) throw mismatch ?? notSignedIn(call);
  const { refreshToken } = session;
  if (refreshToken === undefined) {
    throw new CliError('token_expired', `the sign-in of profile '${call.profile.name}' has ended`);
  }
  app.log.registerSecret(refreshToken);
  const now = app.clock.now();
  const token = await redeem(app, call, refreshToken).catch(async (failure: unknown) => {
    if (isDead(failure)) {
      const { refreshToken: _, refreshTokenExpiresOn: __, ...rest } = session;
      await keep(app, () => cache.save({ session: rest }));
    }
    throw failure;
  });
  const renewed = sessionOf(call, token.signedIn, now, session);
  checkSamePerson(session, renewed, call);
  return { record: toRecord(app, call, token, renewed), session: renewed };
}

async function redeem(app: App, call: TokenCall, refreshToken: string): Promise<AcquiredToken> {
  const { renewToken } = await import('../../flows/index.ts');
  const { profile, request, source } = call;
  if (!source) return renewToken(request, call.context(), refreshToken);
  return tryCredentials(app, profile, source, (credential) =>
    renewToken(request, call.context(credential), refreshToken),
  );
}

/** Refused for good; what asks for a second factor or consent leaves the refresh token alive. */
function isDead(failure: unknown): boolean {
  return failure instanceof CliError && failure.code === 'token_expired';
}

export function notSignedIn({ profile, options }: TokenCall): CliError {
  const { prompt = 'none', useCache } = options;
  const why = useCache ? 'is not signed in' : 'cannot use its sign-in without the cache';
  const message =
    prompt === 'none' ? `profile '${profile.name}' ${why}` : `--prompt ${prompt} is for a person`;
  return new CliError('interaction_required', message);
}
