/**
 * A cached token with less life left than this is not handed out, unless `--min-ttl` says
 * otherwise.
 */
export const DEFAULT_MIN_TTL_SECONDS = 300;

/**
 * Time limits without `--timeout`: nobody signs in, somebody does in a browser, or on another
 * device.
 */
export const DEFAULT_TIMEOUT_SECONDS = { nobody: 60, browser: 5 * 60, device: 15 * 60 } as const;
