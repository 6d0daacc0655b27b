import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import type { Authority } from '../../core/oauth.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App, Env, StoreKind } from '../../core/ports.ts';
import { resolveAuthority } from '../../entra/authority.ts';
import { credentialVariable } from '../../profiles/choose-flow.ts';
import { readProfilesOrEnv, selectProfile } from '../../profiles/choose-profile.ts';
import { isEnvProfile } from '../../profiles/env-profile.ts';
import { type NamedReference, referenceOf } from '../../profiles/reference.ts';
import { resolveSettings, type Settings } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
import type { ProfilesFile } from '../../profiles/store.ts';
import { isFederated } from '../credentials/reference-source.ts';
import { authorityOf, resolveTokenRequest } from '../token/token-request.ts';

/** The profile's settings that are checked. */
export interface Target {
  readonly name?: string;
  readonly authority: Authority;
  readonly caFile?: string | undefined;
  readonly browserCommand?: readonly string[] | undefined;
  readonly configuredStore: StoreKind | undefined;
  /** True for `@env`, which needs no home, no store and no locks. */
  readonly keepsNothing: boolean;
  /** Where the profile's credential is, if a reference or the path in a variable names it. */
  readonly credential?: NamedCredential | undefined;
  /** Why the profile that is named, or the default, is not usable, or which variable spoils it. */
  readonly flaw?: CliError;
}

export interface NamedCredential extends Pick<NamedReference, 'kind' | 'reference'> {
  readonly variable?: string;
}

/**
 * The profile that `get-token` would use. Without a usable one, the public cloud is checked.
 * @param flag the value of `--profile`
 */
export async function chooseTarget(app: App, flag: string | undefined): Promise<Target> {
  let file: ProfilesFile | undefined;
  try {
    file = await readProfilesOrEnv(app, flag);
    const profile = selectProfile(file, { flag, env: app.env });
    const flaw = findFlaw(profile, app.env);
    return { ...targetFrom(app, file, profile), ...(flaw && { flaw }) };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const authority = resolveAuthority({ tenantId: 'common' });
    const isNamed = flag ?? readVariable(app.env, 'TOKENCLI_PROFILE') ?? file?.defaultName;
    const target = { authority, keepsNothing: false, configuredStore: file?.store };
    return { ...target, ...(isNamed !== undefined && { flaw: error }) };
  }
}

/** @returns what `get-token` would say of the ids and the flow that the variables give */
function findFlaw(profile: Profile, env: Env): CliError | undefined {
  try {
    resolveTokenRequest(profile, {}, {}, env);
    return undefined;
  } catch (error) {
    // options of `get-token` may complete what the profile lacks
    return error instanceof CliError && error.code === 'usage' ? error : undefined;
  }
}

function targetFrom(app: App, { store }: ProfilesFile, profile: Profile): Target {
  const settings = resolveSettings(profile, {}, app.env);
  const { caFile } = settings;
  const variable = credentialVariable(profile, app.env);
  return {
    name: profile.name,
    keepsNothing: isEnvProfile(profile),
    authority: authorityOf(settings),
    caFile: caFile && resolveUserPath(app, caFile.value),
    browserCommand: profile.browserCommand,
    configuredStore: store,
    credential:
      variable === undefined ? referenceOf(profile) : credentialOf(app, variable, settings),
  };
}

/** @returns undefined if the variable holds the credential itself, or if the flow needs none */
function credentialOf(app: App, variable: string, { flow }: Settings): NamedCredential | undefined {
  const needed = ['ClientCredentials', 'AuthorizationCode'].includes(flow.value);
  const file = readVariable(app.env, variable);
  if (!needed || !file || !/_(?:FILE|PATH)$/.test(variable)) return undefined;
  const kind = isFederated(variable) ? 'assertion' : 'certificate';
  return { kind, reference: { file }, variable };
}
