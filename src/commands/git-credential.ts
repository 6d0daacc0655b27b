import { defineCommand, profileOption, required, values } from './command.ts';

export const gitCredentialCommand = defineCommand({
  name: 'git-credential',
  describe: "git's credential helper for Azure Repos",
  positionals: {
    operation: required('get, store or erase: what git wants', {
      completes: ['get', 'store', 'erase'],
    }),
  },
  options: {
    ...profileOption,
    host: values("a further host, HOST or HOST:PORT, for the profile's own scopes (repeatable)"),
  },
  examples: [
    [
      "git config --global credential.https://dev.azure.com.helper '!tokencli git-credential -p ado'",
      'once',
    ],
  ],
  load: async () => (await import('../usecases/git-credential/git-credential.ts')).gitCredential,
});
