import { FLOW_NAMES } from '../core/flow-names.ts';
import type { GET_TOKEN_OPTIONS } from '../core/option-names.ts';
import { defineCommand, flag, profileOption, value, values } from './command.ts';

const options = {
  ...profileOption,
  flow: value(`one of ${FLOW_NAMES.join(', ')}`, { alias: 'f' }),
  scope: values("scopes for this call instead of the profile's", { alias: 's' }),
  resource: value('short for the scope URI/.default'),
  tenant: value('another tenant for this call'),
  silent: flag('only the token: no chatter, no prompt, no browser'),
  json: flag('print token, expiry and scopes as one JSON document'),
  output: value('write to FILE (mode 0600) instead of stdout', { alias: 'o' }),
  'min-ttl': value('least life left in a cached token, such as 90s, 10m, 1h (default 5m)'),
  'force-refresh': flag('skip cached access tokens and replace them'),
  'no-cache': flag('read and write no cache'),
  claims: value('a claims challenge, as JSON or base64'),
  timeout: value('overall time limit (default 60s)'),
} as const satisfies Record<keyof typeof GET_TOKEN_OPTIONS, unknown>;

export const getTokenCommand = defineCommand({
  command: 'get-token',
  describe: 'print a valid access token for a profile',
  options,
  examples: [
    ['TOKEN=$(tokencli get-token -p graph --silent)', 'in a script'],
    ['tokencli get-token -p graph --json | jq -r .expiresOn', 'as data'],
  ],
  run: async (app, args) => {
    const { getToken } = await import('../usecases/get-token.ts');
    return getToken(app, args);
  },
});
