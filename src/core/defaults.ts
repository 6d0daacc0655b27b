/**
 * A cached token with less life left than this is not handed out, unless `--min-ttl` says
 * otherwise.
 */
export const DEFAULT_MIN_TTL_SECONDS = 300;

/**
 * Without `--timeout`: if no person signs in, if one does in a browser or on another device, and where
 * `inspect --verify` fetches the issuer's keys.
 */
export const DEFAULT_TIMEOUT_SECONDS = {
  unattended: 60,
  browser: 5 * 60,
  device: 15 * 60,
  issuerKeys: 30,
} as const;
