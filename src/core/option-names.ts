/**
 * The options that the quick lane knows. The command declarations have them from here too, so that the
 * two cannot disagree.
 */
export const PROFILE_OPTION = 'profile';
export const PROFILE_ALIAS = 'p';
export const SILENT_OPTION = 'silent';

export const DEFAULT_MIN_TTL_SECONDS = 300;
/** How long a call may take, by whom it waits for. */
export const DEFAULT_TIMEOUT_SECONDS = { nobody: 60, browser: 5 * 60, device: 15 * 60 } as const;
