import { CliError } from '../../core/errors.ts';
import type { Authority } from '../../core/oauth.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App, StoreKind } from '../../core/ports.ts';
import { resolveAuthority } from '../../entra/authority.ts';
import { credentialVariable } from '../../profiles/choose-flow.ts';
import { readProfilesOrEnv, selectProfile } from '../../profiles/choose-profile.ts';
import { isEnvProfile } from '../../profiles/env-profile.ts';
import { type NamedReference, referenceOf } from '../../profiles/reference.ts';
import type { Profile } from '../../profiles/schema.ts';
import { resolveSettings } from '../../profiles/settings.ts';
import type { ProfilesFile } from '../../profiles/store.ts';

/** The profile's settings that are checked. */
export interface Target {
  readonly name?: string;
  readonly authority: Authority;
  readonly caFile?: string;
  readonly browserCommand?: readonly string[];
  readonly configuredStore?: StoreKind;
  /** True for `@env`, which needs no home, no store and no locks. */
  readonly keepsNothing: boolean;
  /** Where the profile's credential is, if a reference names it. */
  readonly reference?: NamedReference;
}

/**
 * The profile that `get-token` would use. Without a usable one, the public cloud is checked.
 * @param flag the value of `--profile`
 * @throws CliError profile_not_found, usage, invalid_data if the profile of `--profile` is not
 *   usable
 */
export async function chooseTarget(app: App, flag: string | undefined): Promise<Target> {
  let file: ProfilesFile | undefined;
  try {
    file = await readProfilesOrEnv(app, flag);
    return targetFrom(app, file, selectProfile(file, { flag, env: app.env }));
  } catch (error) {
    if (!(error instanceof CliError) || flag !== undefined) throw error;
    const { store } = file ?? {};
    const authority = resolveAuthority({ tenantId: 'common' });
    return {
      authority,
      keepsNothing: false,
      ...(store !== undefined && { configuredStore: store }),
    };
  }
}

function targetFrom(app: App, { store }: ProfilesFile, profile: Profile): Target {
  const settings = resolveSettings(profile, {}, app.env);
  const { authority, issuer, cloud, protocol, tenantId, caFile } = settings;
  const { browserCommand } = profile;
  const isReplaced = credentialVariable(profile, app.env) !== undefined;
  const reference = isReplaced ? undefined : referenceOf(profile);
  return {
    name: profile.name,
    keepsNothing: isEnvProfile(profile),
    authority: resolveAuthority({
      cloud: cloud.value,
      protocol: protocol.value,
      tenantId: tenantId.value,
      ...(authority && { authority: authority.value }),
      ...(issuer && { issuer: issuer.value }),
    }),
    ...(caFile && { caFile: resolveUserPath(app, caFile.value) }),
    ...(browserCommand && { browserCommand }),
    ...(store !== undefined && { configuredStore: store }),
    ...(reference && { reference }),
  };
}
