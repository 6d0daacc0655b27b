import { FLOW_NAMES } from '../core/flow-names.ts';
import { UNSET_NAMES } from '../core/names.ts';
import {
  type CommandGroup,
  defineCommand,
  flag,
  profileOption,
  required,
  value,
  values,
} from './command.ts';
import { configExportCommand, configImportCommand } from './config-transfer.ts';
import { profileOptions } from './profile-options.ts';

const jsonOption = { json: flag('print as one JSON document') } as const;

const configCreateCommand = defineCommand({
  name: 'create',
  describe: 'make a profile, by questions on a terminal or wholly by flags',
  options: {
    name: value('name of the new profile', { alias: ['n', 'p', 'profile'] }),
    ...profileOptions,
    force: flag('replace a profile of the same name'),
  },
  examples: [
    ['tokencli config create', 'asks for everything'],
    [
      'tokencli config create --name ci --client-id ID --tenant-id ID --client-secret-env SECRET',
      'asks for nothing',
    ],
  ],
  load: async () => (await import('../usecases/config/create.ts')).createProfile,
});

const configListCommand = defineCommand({
  name: 'list',
  describe: 'list the profiles',
  options: jsonOption,
  load: async () => (await import('../usecases/config/list.ts')).listProfiles,
});

const configShowCommand = defineCommand({
  name: 'show',
  describe: 'show a profile and where its secrets are, never what they are',
  options: {
    ...profileOption,
    ...jsonOption,
    effective: flag('what a call would work with, and where each value comes from'),
    flow: value('with --effective: as get-token takes it', { alias: 'f', completes: FLOW_NAMES }),
    scope: values('with --effective: as get-token takes it', { alias: 's' }),
    tenant: value('with --effective: as get-token takes it'),
  },
  load: async () => (await import('../usecases/config/show.ts')).showProfile,
});

const configEditCommand = defineCommand({
  name: 'edit',
  describe: 'change fields of a profile, or rotate its credential',
  options: {
    ...profileOption,
    ...profileOptions,
    'keep-old': flag('keep the old credential beside the new one, for a rollover'),
    'drop-old': flag('end a rollover: keep only the credential that is used first'),
    unset: values('take a field away (repeatable)', { choices: UNSET_NAMES }),
  },
  examples: [
    ['tokencli config edit -p ci', 'asks what to change'],
    ['tokencli config edit -p ci --client-secret-stdin --verify < new', 'rotates the secret'],
  ],
  load: async () => (await import('../usecases/config/edit.ts')).editProfile,
});

const configRenameCommand = defineCommand({
  name: 'rename',
  describe: 'give a profile another name; secrets and cached tokens stay with it',
  positionals: {
    old: required('the name now', { completes: 'profiles' }),
    new: required('the new name'),
  },
  options: {},
  load: async () => (await import('../usecases/config/rename.ts')).renameProfile,
});

const configDefaultCommand = defineCommand({
  name: 'default',
  describe: 'print the default profile, or choose it',
  positionals: { name: value('the profile to use when none is named', { completes: 'profiles' }) },
  options: { unset: flag('have no default any more') },
  load: async () => (await import('../usecases/config/default.ts')).chooseDefault,
});

const configDeleteCommand = defineCommand({
  name: 'delete',
  describe: 'delete a profile with its secrets and cached tokens',
  options: { ...profileOption, force: flag('do not ask') },
  load: async () => (await import('../usecases/config/delete.ts')).deleteProfile,
});

const configCheckCommand = defineCommand({
  name: 'check',
  describe: 'tell when secrets, certificates and sign-ins end; exit 6 if soon',
  options: {
    ...profileOption,
    all: flag('every profile'),
    'warn-days': value('how many days are soon (30)'),
    json: flag('print as one JSON document'),
  },
  examples: [['tokencli config check --all --warn-days 14 --json', 'in a nightly job']],
  load: async () => (await import('../usecases/config/check.ts')).checkProfiles,
});

const configPathCommand = defineCommand({
  name: 'path',
  describe: 'print the path of profiles.json',
  options: {},
  load: async () => async (app) => ({ stdout: `${app.paths.profiles}\n` }),
});

export const configCommands: CommandGroup = {
  name: 'config',
  describe: 'the life of profiles',
  children: [
    configCreateCommand,
    configListCommand,
    configShowCommand,
    configEditCommand,
    configRenameCommand,
    configDefaultCommand,
    configDeleteCommand,
    configCheckCommand,
    configExportCommand,
    configImportCommand,
    configPathCommand,
  ],
};
