import { CLIENT_ID_RULES, isClientId } from '../../core/client-id.ts';
import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import type { Flags, Lists, Values } from '../../core/options.ts';
import type { Sourced } from '../../core/origin.ts';
import type { App, Env, Outcome } from '../../core/ports.ts';
import { isTenant } from '../../core/tenant.ts';
import { jsonDocument } from '../../output/json-text.ts';
import { formatTable } from '../../output/table.ts';
import { credentialVariable } from '../../profiles/choose-flow.ts';
import { isEnvProfile } from '../../profiles/env-profile.ts';
import { resolveSettings, type Settings } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
import type { ProfilesFile } from '../../profiles/store.ts';
import { storeKindOf } from '../../secrets/vault.ts';
import {
  type CredentialSource,
  findCredential,
  originOf,
} from '../credentials/credential-source.ts';
import { STORE_NAMES } from '../credentials/describe-credential.ts';
import { describeReference } from '../credentials/examine-reference.ts';

export type EffectiveArgs = Values<'profile' | 'flow' | 'tenant'> & Flags<'json'> & Lists<'scope'>;

type Row = readonly [name: string, setting: Sourced<unknown>];

/** Shows the settings that `get-token` would use with these flags, and where each comes from. */
export function showEffective(
  app: App,
  file: ProfilesFile,
  profile: Profile,
  args: EffectiveArgs,
): Outcome {
  const { flow, tenant, scope } = args;
  const settings = resolveSettings(profile, { flow, tenant, scope }, app.env);
  const given = Object.entries({ ...settings, ...idsOf(app, settings) }) as Row[];
  const rows: Row[] = [
    ['profile', { value: profile.name, source: profileSource(app.env, file, args.profile) }],
    ...given.filter(([, setting]) => setting !== undefined),
    ['credential', credentialOf(app, profile)],
    ...(isEnvProfile(profile) ? [] : placesOf(app, file)),
  ];
  // a secret that was given for an id is not shown here either
  const print = (text: string) => ({ stdout: app.log.redact(text) });
  if (args.json) return print(`${jsonDocument(Object.fromEntries(rows))}\n`);
  const lines = rows.map(([name, { value, source }]) => [name, textOf(value), source]);
  return print(formatTable([['SETTING', 'VALUE', 'FROM'], ...lines]));
}

function placesOf({ env, paths }: App, file: ProfilesFile): Row[] {
  const source = readVariable(env, 'TOKENCLI_HOME') ? 'TOKENCLI_HOME' : 'default';
  return [
    ['store', storeOf(env, file)],
    ['home', { value: paths.home, source }],
  ];
}

/** In the order of `selectProfile`. */
function profileSource(env: Env, file: ProfilesFile, flag: string | undefined): string {
  if (flag !== undefined) return 'flag';
  if (readVariable(env, 'TOKENCLI_PROFILE')) return 'TOKENCLI_PROFILE';
  return file.defaultName === undefined ? 'the only one' : 'configured default';
}

/** A value that cannot be an id may be a secret that was put there, so it is not shown. */
function idsOf(app: App, { clientId, protocol, tenantId }: Settings) {
  const shown = (id: Sourced<string>, isValid: boolean, name: string, problem: string) => {
    if (isValid) return id;
    app.log.warn(`the ${name} of ${id.source} ${problem}`);
    return { value: 'not valid', source: id.source };
  };
  const isClient = isClientId(clientId.value, protocol.value);
  const problem = 'is neither a GUID nor a domain';
  return {
    clientId: shown(clientId, isClient, 'client id', CLIENT_ID_RULES[protocol.value]),
    tenantId: shown(tenantId, isTenant(tenantId.value), 'tenant', problem),
  };
}

function storeOf(env: Env, file: ProfilesFile): Sourced<string> {
  const value = storeKindOf(env, file.store);
  if (readVariable(env, 'TOKENCLI_STORE')) return { value, source: 'TOKENCLI_STORE' };
  return { value, source: file.store === undefined ? 'default' : 'configuration' };
}

/** The kind and place of the credential, never its value. If a person signs in, none is needed. */
function credentialOf(app: App, profile: Profile): Sourced<string> {
  try {
    const found = findCredential(app, profile);
    return { value: describeSource(app, found), source: originOf(found) };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (error.code === 'interaction_required') return { value: 'none', source: 'default' };
    app.log.warn(error.message);
    return { value: 'cannot be read', source: credentialVariable(profile, app.env) ?? 'profile' };
  }
}

function describeSource(app: App, source: CredentialSource): string {
  if (source.from === 'reference') {
    const { kind, place } = describeReference(app, source);
    return `${kind}: ${place}`;
  }
  const kind = source.kind === 'secret' ? 'client secret' : 'certificate';
  if (source.from === 'environment') return kind;
  return `${kind}: ${source.from === 'file' ? `file ${source.path}` : STORE_NAMES[source.ref.store]}`;
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(' ') : String(value);
}
