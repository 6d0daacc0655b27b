import { defineCommand, flag, profileOption } from './command.ts';

export const logoutCommand = defineCommand({
  name: 'logout',
  describe: "forget a profile's tokens and sign-in, keep its credentials",
  options: { ...profileOption, all: flag('of every profile') },
  load: async () => (await import('../usecases/token/logout.ts')).logout,
});
