import type { App, Outcome } from '../core/ports.ts';
import { jsonDocument } from '../output/json-text.ts';
import { formatTable } from '../output/table.ts';
import { resolveSettings } from '../profiles/resolve.ts';
import { readProfiles } from '../profiles/store.ts';
import { describeCredential } from './describe-credential.ts';

/** Every profile, the broken ones too. Reads no secret. */
export async function listProfiles(
  app: App,
  args: { readonly json?: boolean | undefined },
): Promise<Outcome> {
  const file = readProfiles(app.paths.profiles);
  const isDefault = (name: string) => name.toLowerCase() === file.defaultName?.toLowerCase();
  const rows = file.profiles.map((profile) => {
    const { flow, tenantId, scopes } = resolveSettings(profile, {}, {});
    const { kind, place } = describeCredential(app, profile);
    return {
      name: profile.name,
      default: isDefault(profile.name),
      flow: flow.value,
      tenantId: tenantId.value,
      clientId: profile.clientId,
      scopes: scopes.value,
      credential: kind === 'none' ? null : { kind, place },
    };
  });
  const broken = file.broken.map(({ name, index, problems }) => ({
    name: name ?? null,
    index,
    problems,
  }));
  if (args.json) return { stdout: `${jsonDocument({ profiles: rows, broken })}\n` };
  for (const { problems } of broken) for (const problem of problems) app.talk.warn(problem);
  if (rows.length === 0) {
    app.talk.say('There is no profile yet. Make one: tokencli config create');
    return { stdout: '' };
  }
  const table = rows.map((row) => [
    row.default ? `${row.name} *` : row.name,
    row.flow,
    row.tenantId,
    row.clientId,
    row.credential ? `${row.credential.kind} (${row.credential.place})` : '-',
  ]);
  return { stdout: formatTable([['NAME', 'FLOW', 'TENANT', 'CLIENT', 'CREDENTIAL'], ...table]) };
}
