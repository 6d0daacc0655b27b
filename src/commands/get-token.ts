import { TOKEN_FORMATS } from '../core/names.ts';
import { defineCommand, flag, path, profileOption, value, values } from './command.ts';
import { profileOptions } from './profile-options.ts';

/** The options that `get-token` and `refresh` share. */
export const tokenOptions = {
  ...profileOption,
  flow: profileOptions.flow,
  scope: values("scopes for this call instead of the profile's", { alias: 's' }),
  resource: value('short for the scope URI/.default; or a name of `help resources`', {
    completes: 'resources',
  }),
  tenant: value('another tenant for this call'),
  'client-id': value('another application for this call'),
  silent: flag('only the token: no chatter, no prompt, no browser'),
  format: {
    ...value('how the token is printed (default token; k8s is for kubectl)'),
    choices: TOKEN_FORMATS,
  },
  json: flag('print token, expiry and scopes as one JSON document (--format json)'),
  'env-name': value('with --format env: name of the variable (default ACCESS_TOKEN)'),
  mask: flag('tell GitHub Actions and Azure Pipelines, on stderr, to hide the token'),
  output: path('write to FILE (mode 0600) instead of stdout', { alias: 'o' }),
  claims: value('a claims challenge, as JSON or base64'),
} as const;

export const getTokenCommand = defineCommand({
  name: 'get-token',
  describe: 'print a valid access token for a profile',
  options: {
    ...tokenOptions,
    'min-ttl': profileOptions['min-ttl'],
    'force-refresh': flag(
      'skip cached access tokens and replace them; do not wait as a busy server asked',
    ),
    'no-cache': flag('read and write no cache'),
    'login-hint': value('the account to sign in with'),
    prompt: profileOptions.prompt,
    'no-browser': flag('print the sign-in link instead of opening a browser'),
    port: value('catch the sign-in on exactly this loopback port'),
    timeout: value('overall time limit (default 60s, browser 5m, device code 15m)'),
  },
  examples: [
    ['TOKEN=$(tokencli get-token -p graph --silent)', 'in a script'],
    ['tokencli get-token -p graph --json | jq -r .expiresOn', 'as data'],
    ['tokencli get-token -p @env --silent', 'in a CI job, by its AZURE_ variables alone'],
    ['tokencli get-token -p me --resource keyvault', 'for another API, by the same sign-in'],
    ['tokencli get-token -p graph --format curl | curl -K - URL', 'for another program'],
  ],
  load: async () => (await import('../usecases/token/get-token.ts')).getToken,
});
