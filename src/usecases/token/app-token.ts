import type { App } from '../../core/ports.ts';
import type { TokenRecord } from '../../tokens/records.ts';
import { type FlightResult, singleFlight } from '../../tokens/single-flight.ts';
import type { CredentialSource } from '../credentials/credential-source.ts';
import { tryCredentials } from '../credentials/try-credentials.ts';
import { keepOfflineFallback } from './offline-fallback.ts';
import {
  forgiving,
  keep,
  lockProfile,
  openProfileCache,
  partsOf,
  toRecord,
  willDo,
} from './profile-cache.ts';
import type { TokenCall } from './token-call.ts';

/** An application's token: from the cache, else by one request for all processes that want it. */
export async function obtainAppToken(
  app: App,
  call: TokenCall,
  source: CredentialSource,
): Promise<FlightResult<TokenRecord>> {
  const ask = async () => {
    const { acquireToken } = await import('../../flows/index.ts');
    const token = await tryCredentials(app, call.profile, source, (credential) =>
      acquireToken(call.request, call.context(credential)),
    );
    return toRecord(app, call, token);
  };
  const cache = call.options.useCache
    ? await forgiving(app, call, () => openProfileCache(app, call))
    : undefined;
  if (!cache) return { result: await ask(), fromCache: false };
  const parts = partsOf(call);
  const spare = keepOfflineFallback(app, call);
  try {
    return await singleFlight<TokenRecord>({
      now: () => app.clock.now(),
      find: async (waitedSince) => {
        const found = await forgiving(app, call, () => cache.find(parts));
        spare.see(found);
        const { options } = call;
        return found && willDo(found, options, app.clock.now(), waitedSince) ? found : undefined;
      },
      lock: () => lockProfile(app, cache, call),
      request: ask,
      save: (record) => keep(app, () => cache.save({ token: { parts, record } })),
    });
  } catch (failure) {
    return spare.insteadOf(failure);
  }
}
