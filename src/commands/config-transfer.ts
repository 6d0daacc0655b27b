import { defineCommand, flag, path, value, values } from './command.ts';

const passphraseOptions = {
  'passphrase-stdin': flag('read the passphrase from stdin'),
  'passphrase-file': path('read the passphrase from FILE'),
  'passphrase-env': value('read the passphrase from the environment variable NAME'),
} as const;

export const configExportCommand = defineCommand({
  name: 'export',
  describe: 'write profiles into one file, encrypted with a passphrase (age format)',
  options: {
    profile: values('a profile to export; may come several times', {
      alias: 'p',
      completes: 'profiles',
    }),
    all: flag('export every profile'),
    output: path('the file to write', { alias: 'o' }),
    'include-secrets': flag('with client secrets and certificates'),
    armor: flag('the text form of the age format'),
    plain: flag('plain JSON without secrets and passphrase'),
    force: flag('replace a file that is there'),
    ...passphraseOptions,
  },
  examples: [
    [
      'tokencli config export --all --include-secrets -o profiles.age',
      'to move to another machine',
    ],
    ['tokencli config export -p ci --plain -o ci.json', 'to share a set-up'],
  ],
  load: async () => (await import('../usecases/transfer/export.ts')).exportProfiles,
});

export const configImportCommand = defineCommand({
  name: 'import',
  describe: 'take profiles from an export, from another program or from the environment',
  options: {
    file: path('the file to read (- is stdin)', { alias: 'f' }),
    from: value(
      'what it is: an export, the profiles.json of entra-auth-cli, AZURE_ variables, what az ad sp create-for-rbac prints, a .env file',
      { choices: ['tokencli', 'entra-auth-cli', 'env', 'sdk-auth', 'dotenv'] },
    ),
    name: value('name of the profile that --from env, sdk-auth or dotenv makes'),
    'on-conflict': value('what to do with a name that is taken (fail)', {
      choices: ['fail', 'skip', 'overwrite', 'rename'],
    }),
    'dry-run': flag('show what would be done and do nothing'),
    yes: flag('do not ask', { alias: 'y' }),
    json: flag('print what was done as one JSON document'),
    ...passphraseOptions,
  },
  examples: [
    ['tokencli config import -f profiles.age --dry-run', 'shows what is in it'],
    ['tokencli config import --from entra-auth-cli', 'finds the profiles.json of that program'],
    ['tokencli config import --from env --name ci', 'makes a profile from AZURE_ variables'],
    ['az ad sp create-for-rbac | tokencli config import --from sdk-auth -f -', 'from their JSON'],
    ['tokencli config import --from dotenv -f .env', 'from the AZURE_ and TOKENCLI_ lines'],
  ],
  load: async () => (await import('../usecases/transfer/import.ts')).importProfiles,
});
