import { CliError } from '../../core/errors.ts';
import type { Flags } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { toUtcSecond } from '../../output/dates.ts';
import { jsonDocument } from '../../output/json-text.ts';
import { formatTable } from '../../output/table.ts';
import { readProfilesOrEnv, selectProfile } from '../../profiles/choose-profile.ts';
import { resolveSettings } from '../../profiles/resolve-settings.ts';
import type { CredentialRef } from '../../profiles/schema.ts';
import { readProfiles } from '../../profiles/store.ts';
import { isProfileField } from '../../profiles/validate.ts';
import { accountOf } from '../../secrets/vault.ts';
import { describeCredential } from '../credentials/describe-credential.ts';
import { describeSignIn, readSignIn } from '../token/signed-in.ts';
import { type EffectiveArgs, showEffective } from './show-effective.ts';

export type ShowArgs = EffectiveArgs & Flags<'effective'>;

/** Shows a profile and where its secrets are. */
export async function showProfile(app: App, args: ShowArgs): Promise<Outcome> {
  const effective = args.effective === true;
  const file = await (effective ? readProfilesOrEnv(app, args.profile) : readProfiles(app.paths));
  const profile = selectProfile(file, { flag: args.profile, env: app.env });
  if (effective) return showEffective(app, file, profile, args);
  if ((args.flow ?? args.scope ?? args.tenant) !== undefined) {
    throw new CliError('usage', '--flow, --scope and --tenant go with --effective');
  }
  const known = Object.entries(profile).filter(([name]) => isProfileField(name));
  // only the name of an unknown field is shown: its value may be a secret in the wrong place
  const others = Object.keys(profile).filter((name) => !isProfileField(name));
  const credential = describeCredential(app, profile);
  const signIn = await readSignIn(app, file, profile);
  // a secret in the place of another value is not shown
  const print = (text: string) => ({ stdout: app.log.redact(text) });
  if (args.json) {
    const document = {
      ...Object.fromEntries(known),
      ...(profile.credentials && { credentials: profile.credentials.map(placeOf) }),
      credential,
      signIn: signIn instanceof CliError ? { error: signIn.code } : (signIn ?? null),
      ...(others.length > 0 && { otherFields: others }),
    };
    return print(`${jsonDocument(document)}\n`);
  }
  const { kind, place, expiresOn } = credential;
  const { flow, tenantId, scopes, cloud, authority } = resolveSettings(profile, {}, {});
  const byDefault = (source: string) => (source === 'profile' ? '' : ' (by default)');
  const rows: [string, string | undefined][] = [
    ['name', profile.name],
    ['client id', profile.clientId],
    ['tenant', tenantId.value],
    ['authority', authority?.value ?? `${cloud.value} cloud`],
    ['issuer', profile.issuer],
    ['protocol', profile.protocol],
    ['flow', flow.value + byDefault(flow.source)],
    ['scopes', scopes.value.join(' ') + byDefault(scopes.source)],
    ['redirect URI', profile.redirectUri],
    ['login hint', profile.loginHint],
    ['prompt', profile.prompt],
    ['least life left', profile.minTtl],
    ['CA file', profile.caFile],
    ['thumbprint', profile.thumbprint],
    ['credential', kind === 'none' ? place : `${kind}: ${place}`],
    ['ends', expiresOn],
    ...(profile.credentials ?? []).map(entryOf),
    [
      'signed in',
      signIn || flow.value !== 'ClientCredentials' ? describeSignIn(signIn) : undefined,
    ],
    ['other fields', others.join(', ') || undefined],
  ];
  const stated = rows.filter((row): row is [string, string] => row[1] !== undefined);
  return print(formatTable(stated));
}

function placeOf({ kind, store, id, expiresOn }: CredentialRef): Record<string, unknown> {
  const account = accountOf(kind, id);
  return { kind, store, account, expiresOn: expiresOn && toUtcSecond(expiresOn) };
}

function entryOf({ kind, id, store }: CredentialRef): [string, string] {
  return ['entry', `${accountOf(kind, id)} (${store})`];
}
