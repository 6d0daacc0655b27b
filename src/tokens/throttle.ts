import { createTtlFileStore } from '../core/ttl-file-store.ts';

/**
 * How long a server asked to be left alone (`Retry-After`, RFC 9110 section 10.2.3), remembered for
 * the processes that come after. One small file per authority.
 */
export interface Throttle {
  /** @returns whole seconds for which no request should be sent yet; 0 if there are none */
  secondsLeft(url: string): number;
  /** @throws CliError io */
  remember(url: string, seconds: number): void;
  /** Lets the next request go, whatever was asked for. */
  forget(url: string): void;
}

/** A wait as it was remembered. */
export interface Wait {
  /** Host and first segment of the path: at Entra, the tenant. */
  readonly authority: string;
  /** Seconds since the epoch. */
  readonly until: number;
}

/** A server that asks for more is asked again after an hour, whatever it or the clock may say. */
const LONGEST_SECONDS = 3600;

/** @param now seconds since the epoch */
export function createThrottle(folder: string, now: () => number): Throttle {
  const waits = openWaits(folder, now);
  return {
    secondsLeft: (url) => {
      const until = waits.recall(authorityOf(url))?.until ?? 0;
      return Math.max(0, Math.ceil(until - now()));
    },
    remember: (url, seconds) => {
      const authority = authorityOf(url);
      waits.remember(authority, { authority }, seconds);
    },
    forget: (url) => waits.forget(authorityOf(url)),
  };
}

/** The waits that have not ended. */
export function listWaits(folder: string, now: number): Wait[] {
  return openWaits(folder, () => now)
    .list()
    .flatMap(({ authority, until }) =>
      typeof authority === 'string' ? [{ authority, until }] : [],
    );
}

function openWaits(folder: string, now: () => number) {
  return createTtlFileStore({ folder, suffix: '.wait', longestSeconds: LONGEST_SECONDS, now });
}

function authorityOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}/${pathname.split('/')[1] ?? ''}`.toLowerCase();
}
