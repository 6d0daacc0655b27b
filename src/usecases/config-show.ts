import type { App, Outcome } from '../core/ports.ts';
import { jsonDocument } from '../output/json-text.ts';
import { formatTable } from '../output/table.ts';
import { resolveSettings, selectProfile } from '../profiles/resolve.ts';
import { readProfiles } from '../profiles/store.ts';
import { describeCredential } from './describe-credential.ts';

export interface ShowArgs {
  readonly profile?: string | undefined;
  readonly json?: boolean | undefined;
}

/** One profile as it stands, and where its secrets are. */
export async function showProfile(app: App, args: ShowArgs): Promise<Outcome> {
  const file = readProfiles(app.paths.profiles);
  const profile = selectProfile(file, { flag: args.profile, env: app.env });
  const { flow, tenantId, scopes, cloud, authority } = resolveSettings(profile, {}, {});
  const credential = describeCredential(app, profile);
  if (args.json) return { stdout: `${jsonDocument({ ...profile, credential })}\n` };
  const { kind, place, expiresOn } = credential;
  const rows = [
    ['name', profile.name],
    ['client id', profile.clientId],
    ['tenant', tenantId.value],
    ['authority', authority?.value ?? `${cloud.value} cloud`],
    ['flow', `${flow.value}${flow.source === 'profile' ? '' : ' (by default)'}`],
    ['scopes', `${scopes.value.join(' ')}${scopes.source === 'profile' ? '' : ' (by default)'}`],
    ['credential', kind === 'none' ? place : `${kind}: ${place}`],
    ...(expiresOn === undefined ? [] : [['ends', expiresOn]]),
  ];
  return { stdout: formatTable(rows) };
}
