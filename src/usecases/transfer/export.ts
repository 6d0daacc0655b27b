import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError } from '../../core/errors.ts';
import { sameName } from '../../core/names.ts';
import type { Flags, Lists, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { looksLikeSecret } from '../../core/secret-shape.ts';
import { prepareSave } from '../../output/save.ts';
import { findProfile } from '../../profiles/choose-profile.ts';
import type { Profile } from '../../profiles/schema.ts';
import { type ProfilesFile, readProfiles } from '../../profiles/store.ts';
import {
  type CarriedProfile,
  formatExport,
  leftOutFields,
  MOST_PROFILES,
} from '../../profiles/transfer.ts';
import { KIND_NAMES } from '../credentials/credential.ts';
import { choosePassphrase } from '../secrets/passphrase.ts';
import { carryProfile } from './carried-secrets.ts';
import { LARGEST_TRANSFER } from './transfer-file.ts';

export type ExportArgs = Readonly<Record<string, unknown>> &
  Values<'output'> &
  Flags<'all' | 'include-secrets' | 'plain' | 'armor' | 'force'> &
  Lists<'profile'>;

/** Writes profiles into one file for another machine, encrypted with a passphrase. */
export async function exportProfiles(app: App, args: ExportArgs): Promise<Outcome> {
  checkFlags(args);
  const file = await readProfiles(app.paths);
  const profiles = chooseProfiles(app, file, args);
  const output = args.output ?? '';
  const save = prepareSave(app, output);
  refuseExisting(app, output, args.force === true);

  const withSecrets = args['include-secrets'] === true;
  const carried: CarriedProfile[] = [];
  for (const profile of profiles) carried.push(await carryProfile(app, profile, withSecrets));
  const defaultName = profiles.find(({ name }) => sameName(name, file.defaultName))?.name;
  const json = Buffer.from(formatExport({ profiles: carried, defaultName }));
  if (json.length > LARGEST_TRANSFER) {
    throw new CliError('usage', `the export would be larger than ${LARGEST_TRANSFER} bytes`, {
      hint: 'export the profiles in several files, with -p',
    });
  }
  if (args.plain === true) carried.forEach(refuseSecret);
  save(args.plain === true ? json : await encrypt(app, json, args));
  report(app, carried, withSecrets);
  const how = args.plain === true ? 'as plain JSON' : 'encrypted with the passphrase';
  const count = carried.length === 1 ? '1 profile' : `${carried.length} profiles`;
  app.log.done(`${count} exported to ${output}, ${how}`);
  return { stdout: '' };
}

async function encrypt(app: App, json: Uint8Array, args: ExportArgs): Promise<Uint8Array> {
  const passphrase = await choosePassphrase(app, args);
  return (await app.age()).encrypt(json, passphrase, args.armor === true);
}

function checkFlags(args: ExportArgs): void {
  const named = (args.profile?.length ?? 0) > 0;
  if (named === (args.all === true)) {
    throw new CliError('usage', 'say which profiles: -p NAME, several times if need be, or --all');
  }
  if (args.output === undefined || args.output === '-') {
    throw new CliError('usage', 'an export goes into a file: -o FILE');
  }
  if (args.plain !== true) return;
  if (args['include-secrets'] === true) {
    throw new CliError('usage', 'secrets are never exported as plain text: leave out --plain');
  }
  const given = Object.keys(args).filter((name) => (args[name] ?? false) !== false);
  if (given.some((name) => name === 'armor' || name.startsWith('passphrase-'))) {
    throw new CliError('usage', '--plain takes no passphrase and no --armor');
  }
}

function chooseProfiles(app: App, file: ProfilesFile, args: ExportArgs): readonly Profile[] {
  const named = (args.profile ?? []).map((name) => findProfile(file, name));
  const profiles = args.all === true ? file.profiles : [...new Set(named)];
  if (args.all === true) {
    for (const { problems } of file.broken) {
      for (const problem of problems) app.log.warn(`left out: ${problem}`);
    }
  }
  if (profiles.length === 0) {
    throw new CliError('profile_not_found', 'there is no profile to export', {
      hint: 'tokencli config create',
    });
  }
  if (profiles.length > MOST_PROFILES) {
    throw new CliError('usage', `an export holds at most ${MOST_PROFILES} profiles`, {
      hint: 'export them in several files, with -p',
    });
  }
  return profiles;
}

function refuseExisting(app: App, output: string, force: boolean): void {
  if (force || !existsSync(resolve(app.workingFolder, output))) return;
  throw new CliError('io', `cannot write ${output}: there is already a file`, {
    hint: 'name another one, or replace it with --force',
  });
}

/** Refuses a secret in the place of another value, such as a path. @throws CliError invalid_data */
function refuseSecret(carried: CarriedProfile): void {
  if (!looksLikeSecret(formatExport({ profiles: [carried] }))) return;
  const { name } = carried.profile;
  const problem = `profile ${name} holds what looks like a secret, in the place of another value`;
  throw new CliError('invalid_data', `${problem}; that is not exported as plain text`, {
    hint: `look for [redacted] in: tokencli config show -p ${name} --json`,
  });
}

/** Says for each profile what is in the file and what is not. */
function report(app: App, carried: readonly CarriedProfile[], withSecrets: boolean): void {
  for (const { profile, secrets, notes = [] } of carried) {
    const kinds = secrets.map(({ kind }) => KIND_NAMES[kind]).join(', ');
    const what = withSecrets ? kinds || 'no secrets' : 'without secrets';
    app.log.say(`${profile.name}: ${what}`);
    for (const note of notes) app.log.say(`  ${note}`);
    const left = leftOutFields(profile);
    if (left.length > 0) app.log.say(`  not exported: ${left.join(', ')}`);
  }
}
