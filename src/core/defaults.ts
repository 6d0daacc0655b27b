/** A cached token is handed out while it lives at least this long, unless `--min-ttl` says otherwise. */
export const DEFAULT_MIN_TTL_SECONDS = 300;
/** How long a call may take, by whom it waits for. */
export const DEFAULT_TIMEOUT_SECONDS = { nobody: 60, browser: 5 * 60, device: 15 * 60 } as const;
