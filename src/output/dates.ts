import { describeDuration } from '../core/duration.ts';

/**
 * @param seconds since the epoch, at most `LAST_SECOND` of `tokens/claims.ts`
 * @returns `2026-01-31 12:00:00 UTC`
 */
export function describeDate(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().replace('T', ' ').slice(0, -5)} UTC`;
}

/** Like `utcSecond`; undefined stays undefined. */
export function isoDate(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : utcSecond(seconds);
}

/** Without milliseconds, which jq's `fromdateiso8601` rejects. @returns `2026-01-31T12:00:00Z` */
export function utcSecond(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

/** The same for a date in text, such as one that was kept with its milliseconds. */
export function toUtcSecond(date: string): string {
  return utcSecond(Date.parse(date) / 1000);
}

/** @returns `expires 2026-01-31 12:00:00 UTC, 59m left` or `expired …, 2h ago` */
export function describeExpiry(expiresOn: number, now: number): string {
  const left = expiresOn - now;
  const date = describeDate(expiresOn);
  if (left > 0) return `expires ${date}, ${describeDuration(left)} left`;
  return `expired ${date}, ${describeDuration(-left)} ago`;
}
