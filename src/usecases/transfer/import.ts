import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, EXIT_CODES } from '../../core/errors.ts';
import { NAME_RULES, PROFILE_NAME } from '../../core/names.ts';
import type { Flags, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { shellWord } from '../../core/shell-word.ts';
import { jsonDocument } from '../../output/json-text.ts';
import { profileNames, readProfiles } from '../../profiles/store.ts';
import { parseExport, type Transfer } from '../../profiles/transfer.ts';
import { parseEntraAuthCli } from '../../profiles/transfer-entra-auth-cli.ts';
import {
  CONFLICT_POLICIES,
  type ConflictPolicy,
  type PlannedProfile,
  planImport,
} from '../../profiles/transfer-plan.ts';
import { parseCertificateText } from '../credentials/parse-certificate.ts';
import { commitImport } from './import-commit.ts';
import { readDotenv } from './import-dotenv.ts';
import { readEnvironment } from './import-environment.ts';
import { formatPlan, planDocument, sayWhatIsLeft } from './import-plan-text.ts';
import { readSdkAuth } from './import-sdk-auth.ts';
import { looksLikeAge, readTransfer } from './transfer-file.ts';

export type ImportArgs = Readonly<Record<string, unknown>> &
  Values<'file' | 'from' | 'name' | 'on-conflict'> &
  Flags<'dry-run' | 'yes' | 'json'>;

/** Imports profiles from a file or the environment: all that the plan shows, or nothing. */
export async function importProfiles(app: App, args: ImportArgs): Promise<Outcome> {
  const policy = CONFLICT_POLICIES.find((each) => each === args['on-conflict']) ?? 'fail';
  const transfer = await readSource(app, args);
  await checkSecrets(app, transfer);
  const file = await readProfiles(app.paths);
  const plan = planImport(profileNames(file), transfer.profiles, policy);
  refuseConflicts(plan, policy);
  for (const line of formatPlan(app, plan, file)) app.log.say(line);
  // a secret in the place of a name or a path is not shown
  const document = () =>
    args.json ? app.log.redact(`${jsonDocument(planDocument(plan, file))}\n`) : '';
  if (args['dry-run'] === true) {
    app.log.say('Nothing was imported: this was a dry run.');
    return { stdout: document() };
  }
  const wanted = plan.filter(({ action }) => action !== 'skip');
  if (wanted.length === 0) {
    app.log.say('There is nothing to import.');
    return { stdout: document() };
  }
  if (!(await confirm(app, wanted.length, args.yes === true))) {
    app.log.say('Nothing was imported.');
    return { stdout: '', exitCode: EXIT_CODES.interrupted.code };
  }
  await commitImport(app, file, wanted, transfer.defaultName);
  app.log.done(wanted.length === 1 ? '1 profile imported' : `${wanted.length} profiles imported`);
  sayWhatIsLeft(app, wanted, file);
  if (isTakenOver(args, wanted)) {
    app.log.say(`${args.file} holds the secret still: remove it there if nobody else needs it`);
  }
  return { stdout: document() };
}

/** True if the imported secret still stands in the file of another program. */
function isTakenOver({ from = '', file = '-' }: ImportArgs, wanted: readonly PlannedProfile[]) {
  const isTheirs = file !== '-' && ['sdk-auth', 'dotenv'].includes(from);
  const secrets = wanted.flatMap(({ carried }) => carried.secrets);
  return isTheirs && secrets.some(({ value }) => value !== undefined);
}

async function readSource(app: App, args: ImportArgs): Promise<Transfer> {
  const { from = 'tokencli', name } = args;
  const file = args.file ?? (from === 'entra-auth-cli' ? findEntraAuthCliFile(app) : undefined);
  if (name !== undefined && !['env', 'sdk-auth', 'dotenv'].includes(from)) {
    throw new CliError('usage', '--name goes with --from env, sdk-auth or dotenv');
  }
  if (name !== undefined && !PROFILE_NAME.test(name)) {
    throw new CliError('usage', `--name takes ${NAME_RULES}`);
  }
  if (from === 'env') {
    if (file !== undefined) throw new CliError('usage', '--from env reads no file');
    return readEnvironment(app, name);
  }
  if (file === undefined) {
    throw new CliError('usage', 'import needs a file: -f FILE', {
      hint: `tokencli config import ${args.from === undefined ? '' : `--from ${from} `}-f FILE`,
    });
  }
  // the format of an export is no cure for a file of another program
  const isPlain = from === 'tokencli' ? undefined : (text: string) => !looksLikeAge(text);
  const { bytes, encrypted } = await readTransfer(app, file, args, isPlain);
  if (from === 'dotenv') return readDotenv(app, bytes, file, name);
  if (from === 'sdk-auth') return readSdkAuth(app, bytes, file, name);
  const transfer = (from === 'tokencli' ? parseExport : parseEntraAuthCli)(bytes, file);
  const values = transfer.profiles.flatMap(({ secrets }) => secrets.map(({ value }) => value));
  if (encrypted || values.every((value) => value === undefined)) return transfer;
  throw new CliError('invalid_data', `${file} holds secrets as plain text`, {
    hint: `encrypt it first: age -p -o ${shellWord(`${file}.age`)} ${shellWord(file)}; then remove it`,
  });
}

/** Looks in the folder that entra-auth-cli documents and in those that it really uses. */
function findEntraAuthCliFile(app: App): string {
  const { APPDATA } = app.env;
  const folders = [
    join(app.userHome, '.entra-auth-cli'),
    join(app.userHome, '.config', 'entra-auth-cli'),
    ...(APPDATA ? [join(APPDATA, 'entra-auth-cli')] : []),
  ];
  const file = folders
    .map((folder) => join(folder, 'profiles.json'))
    .find((path) => existsSync(path));
  if (file !== undefined) return file;
  throw new CliError('usage', `no profiles.json of entra-auth-cli is in ${folders.join(' or ')}`, {
    hint: 'name its file: tokencli config import --from entra-auth-cli -f FILE',
  });
}

/** Hides the secrets from the log, and refuses an unusable certificate before anything is stored. */
async function checkSecrets(app: App, { profiles }: Transfer): Promise<void> {
  for (const { profile, secrets } of profiles) {
    for (const { kind, value } of secrets) {
      if (value === undefined) continue;
      app.log.registerSecret(value);
      if (kind === 'certificate') await checkCertificate(app, profile.name, value);
    }
  }
}

async function checkCertificate(app: App, name: string, pem: string): Promise<void> {
  try {
    await parseCertificateText(app, pem);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const message = `the certificate of profile ${name}: ${error.message}`;
    throw error.with({ code: 'invalid_data', message });
  }
}

function refuseConflicts(plan: readonly PlannedProfile[], policy: ConflictPolicy): void {
  if (policy !== 'fail') return;
  const names = plan.filter(({ action }) => action === 'overwrite').map(({ name }) => name);
  if (names.length === 0) return;
  const listed = names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '');
  throw new CliError('usage', `there are already profiles of these names: ${listed}`, {
    hint: 'choose with --on-conflict skip, overwrite or rename',
  });
}

async function confirm(app: App, count: number, yes: boolean): Promise<boolean> {
  if (yes || !app.log.interactive) return true;
  const prompter = await app.prompter();
  const what = count === 1 ? 'this profile' : `these ${count} profiles`;
  return prompter.confirm(`Import ${what}?`, false);
}
