import { type CommandGroup, defineCommand, flag, path, profileOption, value } from './command.ts';
import { certificatePasswordOptions } from './profile-options.ts';

const certCreateCommand = defineCommand({
  name: 'create',
  describe: 'make a key and its certificate, straight into the secret store',
  options: {
    ...profileOption,
    subject: value('subject, such as "CN=My app, O=Contoso" (default: the name of the profile)'),
    'key-size': value('bits of the RSA key (default 2048)', { choices: ['2048', '3072', '4096'] }),
    days: value('how long it is valid (default 365)'),
    cer: path('where the certificate goes, without its key (default NAME.cer)'),
    pem: path('write key and certificate to FILE too, unprotected (mode 0600)'),
  },
  examples: [
    ['tokencli cert create -p ci', 'prints the entry for keyCredentials, writes ci.cer'],
    ['tokencli config edit -p ci --drop-old', 'afterwards: the old one goes'],
  ],
  load: async () => (await import('../usecases/cert/create.ts')).createCertificate,
});

const certShowCommand = defineCommand({
  name: 'show',
  describe: "show a profile's certificates, or that of a file: ends, thumbprints",
  options: {
    ...profileOption,
    file: path('a PFX, PEM or .cer file instead of a profile', { alias: 'f' }),
    cer: path('write the certificate, without its key, to FILE (DER)'),
    ...certificatePasswordOptions,
    json: flag('as one JSON document, with the entry for keyCredentials'),
  },
  examples: [
    ['tokencli cert show -p ci', 'what it is and when it ends'],
    ["tokencli cert show -f ci.cer --json | jq '.certificates[0].keyCredential'", 'its entry'],
  ],
  load: async () => (await import('../usecases/cert/show.ts')).showCertificate,
});

export const certCommands: CommandGroup = {
  name: 'cert',
  describe: 'certificates of profiles',
  children: [certCreateCommand, certShowCommand],
};
