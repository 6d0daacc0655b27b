import { sameName } from '../../core/names.ts';
import type { Flags } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { jsonDocument } from '../../output/json-text.ts';
import { formatTable } from '../../output/table.ts';
import { resolveSettings } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
import { readProfiles } from '../../profiles/store.ts';
import { describeCredential } from '../credentials/describe-credential.ts';

// no client id and no place of the secret, so that the table fits into 80 columns
const HEADINGS = ['NAME', 'FLOW', 'CREDENTIAL', 'TENANT'];

/**
 * Lists all profiles, also those that are not valid. Reads no secret, and shows none that stands in
 * the place of a name.
 */
export async function listProfiles(app: App, args: Flags<'json'>): Promise<Outcome> {
  const file = await readProfiles(app.paths);
  const rows = file.profiles.map((profile) => rowOf(app, profile, file.defaultName));
  const broken = file.broken.map(({ name = null, index, problems }) => ({ name, index, problems }));
  const print = (text: string) => ({ stdout: app.log.redact(text) });
  if (args.json) return print(`${jsonDocument({ profiles: rows, broken })}\n`);
  for (const { problems } of broken) for (const problem of problems) app.log.warn(problem);
  if (rows.length + broken.length === 0) {
    app.log.say('There is no profile yet. Make one: tokencli config create');
    return { stdout: '' };
  }
  // their problems are on stderr
  const invalid = broken.map(({ name, index }) => name ?? `profiles[${index}]`);
  const lines = [...rows.map(lineOf), ...invalid.map((name) => [name, 'not valid', '-', '-'])];
  return print(formatTable([HEADINGS, ...lines]));
}

function rowOf(app: App, profile: Profile, defaultName: string | undefined) {
  const { flow, tenantId, scopes } = resolveSettings(profile, {}, {});
  const { kind, place } = describeCredential(app, profile);
  return {
    name: profile.name,
    default: sameName(profile.name, defaultName),
    flow: flow.value,
    tenantId: tenantId.value,
    clientId: profile.clientId,
    scopes: scopes.value,
    credential: kind === 'none' ? null : { kind, place },
  };
}

function lineOf(row: ReturnType<typeof rowOf>): string[] {
  const name = row.default ? `${row.name} *` : row.name;
  return [name, row.flow, row.credential?.kind ?? '-', row.tenantId];
}
