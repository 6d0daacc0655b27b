/**
 * The options of `get-token` by their long names, with the number of values each takes. The command
 * declaration and the quick lane both read this table, so that they cannot disagree.
 */
export const GET_TOKEN_OPTIONS = {
  profile: { alias: 'p', takes: 'value' },
  flow: { alias: 'f', takes: 'value' },
  scope: { alias: 's', takes: 'values' },
  resource: { takes: 'value' },
  tenant: { takes: 'value' },
  'client-id': { takes: 'value' },
  silent: { takes: 'nothing' },
  json: { takes: 'nothing' },
  output: { alias: 'o', takes: 'value' },
  'min-ttl': { takes: 'value' },
  'force-refresh': { takes: 'nothing' },
  'no-cache': { takes: 'nothing' },
  claims: { takes: 'value' },
  'login-hint': { takes: 'value' },
  prompt: { takes: 'value' },
  'no-browser': { takes: 'nothing' },
  port: { takes: 'value' },
  timeout: { takes: 'value' },
} as const;

export const DEFAULT_MIN_TTL_SECONDS = 300;
/** How long a call may take, by whom it waits for. */
export const DEFAULT_TIMEOUT_SECONDS = { nobody: 60, browser: 5 * 60, device: 15 * 60 } as const;
