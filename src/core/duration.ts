import { CliError } from './errors.ts';

const UNIT_SECONDS = { s: 1, m: 60, h: 3600 } as const;
const LONGEST_SECONDS = 30 * 24 * 3600;

/**
 * Reads `90s`, `10m`, `1h` or a bare number of seconds, at most 30 days.
 * @returns seconds; undefined for any other text
 */
export function readDuration(text: string): number | undefined {
  const match = /^(\d{1,7})([smh]?)$/.exec(text.trim());
  const unit = (match?.[2] || 's') as keyof typeof UNIT_SECONDS;
  const seconds = match ? Number(match[1]) * UNIT_SECONDS[unit] : Number.NaN;
  return seconds >= 0 && seconds <= LONGEST_SECONDS ? seconds : undefined;
}

/**
 * Does the same for an option.
 * @param option named in the error message, such as `--min-ttl`
 * @throws CliError usage
 */
export function parseDuration(text: string, option: string): number {
  const seconds = readDuration(text);
  if (seconds !== undefined) return seconds;
  throw new CliError('usage', `${option} takes a duration such as 90s, 10m or 1h, not "${text}"`);
}

/** Seconds in words, rounded down: `45s`, `12m`, `1h 5m`, `3d 4h`. */
export function describeDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours}h ${minutes % 60}m` : `${hours}h`;
  return hours % 24 ? `${Math.floor(hours / 24)}d ${hours % 24}h` : `${Math.floor(hours / 24)}d`;
}

/**
 * @param seconds positive if this machine's clock is ahead of the server's, negative if it is
 *   behind
 */
export function describeSkew(seconds: number): string {
  const direction = seconds > 0 ? 'ahead of' : 'behind';
  return `this machine's clock is ${describeDuration(Math.abs(seconds))} ${direction} the server's`;
}

/** @param seconds since the epoch. @returns `2026-01-31`, in UTC */
export function isoDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
