import { defineCommand, flag, profileOption, values } from './command.ts';

export const execCommand = defineCommand({
  name: 'exec',
  describe: 'run a program that gets tokens of a profile by itself, as a managed identity',
  program: true,
  options: {
    ...profileOption,
    env: values('put the token into variable NAME: NAME[=token|header|headervalue|expires]'),
    allow: values("a resource it may ask for beside the profile's own (default: any)", {
      completes: 'resources',
    }),
    lazy: flag('request no token before the program asks for one'),
    terraform: flag("set ARM_… variables for Terraform's azurerm provider"),
  },
  examples: [
    ['tokencli exec -p ci -- node app.js', 'DefaultAzureCredential finds the tokens of ci'],
    ['tokencli exec -p ci --terraform -- terraform plan', 'without a secret in ARM_…'],
    ['tokencli exec -p db --env PGPASSWORD -- psql', 'for programs that take a token only'],
  ],
  load: async () => (await import('../usecases/exec/exec.ts')).exec,
});
