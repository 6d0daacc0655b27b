import type { Context } from 'oidc-provider';
import { blocked } from './access-policy.ts';
import { everyScope, missingConsent } from './consent.ts';
import type { Directory } from './directory.ts';
import { familyOf } from './memory.ts';
import type { OidcModule } from './provider-module.ts';
import { type Refusal, refusal, refuse } from './refusal.ts';
import { fullName, split, userResource } from './scope-rules.ts';

/** Whether a person's token may be given: the resource, its conditions, the consent. */
export function checkToken(oidc: OidcModule, directory: Directory, ctx: Context): true {
  const family = familyOf(directory.memory, ctx);
  const scope = ctx.oidc.body?.['scope'] ?? family?.scope;
  const found = userResource(scope, directory.resources);
  const why =
    'number' in found
      ? found
      : (blocked(directory, family, found.resource.uri, ctx.oidc.body?.['claims']) ??
        notConsented(directory, ctx, scope));
  if (why) refuse(oidc, ctx, why);
  return true;
}

/**
 * What `/.default` stands for: all that the person gave for the resource, by full names.
 * @returns undefined if the request does not ask so
 */
export function defaultScopes(directory: Directory, ctx: Context): string[] | undefined {
  const family = familyOf(directory.memory, ctx);
  const scope = ctx.oidc.body?.['scope'] ?? family?.scope;
  const asked = split(scope).find((one) => one.endsWith('/.default'));
  if (!family || asked === undefined) return undefined;
  const name = asked.slice(0, -'/.default'.length);
  return everyScope(directory, name)
    .filter((one) => one.startsWith(`${name}/`) && one !== asked)
    .filter((one) => missingConsent(directory, family, fullName(one)).length === 0)
    .concat(asked);
}

function notConsented(
  directory: Directory,
  ctx: Context,
  scope: string | undefined,
): Refusal | undefined {
  const family = familyOf(directory.memory, ctx);
  if (!family || missingConsent(directory, family, scope).length === 0) return undefined;
  return {
    ...refusal(
      65001,
      `The user or administrator has not consented to use the application with ID '${family.client}' named '${family.client}'. Send an interactive authorization request for this user and resource.`,
    ),
    suberror: 'consent_required',
  };
}
