import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { lifeLeft, type TokenRecord } from '../../tokens/records.ts';
import type { FlightResult } from '../../tokens/single-flight.ts';
import type { TokenCall } from './token-call.ts';

/** With less than this a token is not worth handing out even when the network is down. */
const SPARE_SECONDS = 60;

/** A token that ends soon, for the case that the network is down just now. */
export interface OfflineFallback {
  see(record: TokenRecord | undefined): void;
  /** @throws the failure, if it is another one, or there is no such token */
  insteadOf(failure: unknown): FlightResult<TokenRecord>;
}

export function keepOfflineFallback(app: App, { options, deadline }: TokenCall): OfflineFallback {
  let spare: TokenRecord | undefined;
  return {
    see: (record) => {
      if (record && lifeLeft(record, app.clock.now()) > SPARE_SECONDS) spare = record;
    },
    insteadOf: (failure) => {
      const offline = failure instanceof CliError && failure.code === 'network';
      if (!spare || !offline || options.force || options.minTtlIsFirm || deadline.signal.aborted) {
        throw failure;
      }
      app.log.warn(`${failure.message}; using the cached token, which ends soon`);
      return { result: spare, fromCache: true };
    },
  };
}
