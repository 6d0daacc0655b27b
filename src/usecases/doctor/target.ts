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
import { authorityOf } from '../token/token-request.ts';

/** The profile's settings that are checked. */
export interface Target {
  readonly name?: string;
  readonly authority: Authority;
  readonly caFile?: string | undefined;
  readonly browserCommand?: readonly string[] | undefined;
  readonly configuredStore: StoreKind | undefined;
  /** True for `@env`, which needs no home, no store and no locks. */
  readonly keepsNothing: boolean;
  /** Where the profile's credential is, if a reference names it. */
  readonly reference?: NamedReference | undefined;
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
    const authority = resolveAuthority({ tenantId: 'common' });
    return { authority, keepsNothing: false, configuredStore: file?.store };
  }
}

function targetFrom(app: App, { store }: ProfilesFile, profile: Profile): Target {
  const settings = resolveSettings(profile, {}, app.env);
  const { caFile } = settings;
  const isReplaced = credentialVariable(profile, app.env) !== undefined;
  return {
    name: profile.name,
    keepsNothing: isEnvProfile(profile),
    authority: authorityOf(settings),
    caFile: caFile && resolveUserPath(app, caFile.value),
    browserCommand: profile.browserCommand,
    configuredStore: store,
    reference: isReplaced ? undefined : referenceOf(profile),
  };
}
