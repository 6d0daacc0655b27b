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
  silent: { takes: 'nothing' },
  json: { takes: 'nothing' },
  output: { alias: 'o', takes: 'value' },
  'min-ttl': { takes: 'value' },
  'force-refresh': { takes: 'nothing' },
  'no-cache': { takes: 'nothing' },
  claims: { takes: 'value' },
  timeout: { takes: 'value' },
} as const;

export const DEFAULT_MIN_TTL_SECONDS = 300;
export const DEFAULT_SILENT_TIMEOUT_SECONDS = 60;
