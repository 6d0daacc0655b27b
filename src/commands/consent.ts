import { defineCommand, flag, profileOption, value, values } from './command.ts';

export const consentCommand = defineCommand({
  name: 'consent',
  describe: "have an administrator grant the app's permissions; print the tenant id",
  options: {
    ...profileOption,
    tenant: value('the tenant to ask (default: the one of the profile, else any)'),
    scope: values("scopes to ask for instead of the profile's", { alias: 's' }),
    form: value('form of the link (default v2)', { choices: ['v1', 'v2'] }),
    'no-browser': flag('print the link instead of opening a browser'),
    port: value('exactly this loopback port'),
    timeout: value('overall time limit (default 5m)'),
    save: flag('store the tenant id in the profile'),
  },
  examples: [
    ['tokencli consent -p o365 --save', 'opens the link, keeps the tenant'],
    ['tokencli consent -p o365 --no-browser', 'prints it, to be sent to somebody'],
  ],
  load: async () => (await import('../usecases/consent/consent.ts')).consent,
});
