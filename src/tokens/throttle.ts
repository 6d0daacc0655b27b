import { createTtlFileStore } from '../core/files/ttl-file-store.ts';

export type Throttle = ReturnType<typeof createThrottle>;

/** Limits the harm of a wrong `Retry-After` or a wrong clock. */
const LONGEST_SECONDS = 3600;

/**
 * Remembers how long a server wants no more requests (`Retry-After`, RFC 9110 section 10.2.3), so
 * that later processes comply too. One small file per authority.
 * @param now seconds since the epoch
 */
export function createThrottle(folder: string, now: () => number) {
  const waits = openWaits(folder, now);
  return {
    /** @returns whole seconds until the next request may be sent; 0 if it may be sent now */
    secondsLeft: (url: string) => {
      const until = waits.recall(authorityOf(url))?.until ?? 0;
      return Math.max(0, Math.ceil(until - now()));
    },
    /** @param seconds from now; more than an hour counts as an hour. @throws CliError io */
    remember: (url: string, seconds: number) => {
      const authority = authorityOf(url);
      waits.remember(authority, { authority }, seconds);
    },
    /** Lets the next request go, whatever was asked for. */
    forget: (url: string) => waits.forget(authorityOf(url)),
  };
}

/** The waits that have not ended. All times are in seconds since the epoch. */
export function listWaits(folder: string, now: number) {
  return openWaits(folder, () => now)
    .list()
    .flatMap(({ authority, until }) =>
      typeof authority === 'string' ? [{ authority, until }] : [],
    );
}

function openWaits(folder: string, now: () => number) {
  return createTtlFileStore(folder, '.wait', LONGEST_SECONDS, now);
}

/** Host and first path segment of the URL. At Entra that segment is the tenant. */
function authorityOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}/${pathname.split('/')[1] ?? ''}`.toLowerCase();
}
