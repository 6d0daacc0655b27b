import type { Env } from '../../core/ports.ts';
import { isShortName } from '../../entra/scopes.ts';
import type { Profile } from '../../profiles/schema.ts';
import { cloudFor } from '../../profiles/settings.ts';

/**
 * Puts the resource that a short name means in the profile's cloud in the place of the name. The
 * names are those of Microsoft's services; another issuer has its own.
 * @param option that the resource was given with
 * @throws CliError usage
 */
export async function withNamedResource<T extends { readonly resource?: string | undefined }>(
  profile: Profile,
  args: T,
  env: Env,
  option?: string,
): Promise<T> {
  const { resource } = args;
  if (resource === undefined || profile.protocol === 'oidc' || !isShortName(resource)) return args;
  const { resolveResource } = await import('../../entra/resources.ts');
  return { ...args, resource: resolveResource(resource, cloudFor(profile, env), option) };
}
