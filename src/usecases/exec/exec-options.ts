import { CliError } from '../../core/errors.ts';
import type { Flags, Lists, Values } from '../../core/options.ts';
import type { Env } from '../../core/ports.ts';
import { shellOption } from '../../core/shell-word.ts';
import { isOfGraph, resourceOf, resourceScope } from '../../entra/scopes.ts';
import type { Profile } from '../../profiles/schema.ts';
import { withNamedResource } from '../token/token-request.ts';
import { OWN_VARIABLES } from './child-environment.ts';

/** The options of `exec` as read from the command line. */
export type ExecArgs = Values<'profile'> & Flags<'lazy' | 'terraform'> & Lists<'env' | 'allow'>;

const FORMS = ['token', 'header', 'headervalue', 'expires'] as const;

/** A variable of the program that gets the profile's token. */
export interface TokenVariable {
  readonly name: string;
  readonly form: (typeof FORMS)[number];
}

/** Reads `--env`, before any file is read. @throws CliError usage */
export function readVariables({ env = [], lazy }: ExecArgs): readonly TokenVariable[] {
  const variables = env.map(readTokenVariable);
  const again = variables.find(({ name }, index) =>
    variables.slice(0, index).some((other) => other.name === name),
  );
  if (again) throw new CliError('usage', `--env names ${again.name} twice`);
  if (lazy && variables.length > 0) {
    throw new CliError('usage', '--env puts a token there at the start, --lazy wants none then', {
      hint: 'leave out --lazy',
    });
  }
  return variables;
}

function readTokenVariable(text: string): TokenVariable {
  const [, name, typed = 'token'] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/s.exec(text) ?? [];
  const form = FORMS.find((each) => each === typed);
  if (name !== undefined && OWN_VARIABLES.includes(name.toUpperCase())) {
    throw new CliError('usage', `--env takes no ${name}: exec itself needs it`);
  }
  if (name !== undefined && form) return { name, form };
  throw new CliError('usage', `--env takes NAME or NAME=FORM, not '${text}'`, {
    hint: `FORM is one of ${FORMS.join(', ')}`,
  });
}

/**
 * The scopes of the resources that `--allow` names; undefined if any is allowed.
 * @throws CliError usage
 */
export async function readAllowed(
  { allow }: ExecArgs,
  profile: Profile,
  env: Env,
): Promise<readonly string[] | undefined> {
  const option = '--allow';
  const named = allow?.map((resource) => withNamedResource(profile, { resource }, env, option));
  const resources = named && (await Promise.all(named));
  return resources?.map(({ resource }) => {
    refusePermission(resource, option);
    return resourceScope(resource, option);
  });
}

/** Refuses a permission in the place of a resource, because no request could ever match it. */
function refusePermission(uri: string, option: string): void {
  const resource = resourceOf(uri);
  const isPermission = /[^/]$/.test(uri) && (isOfGraph(uri) || /\/user_impersonation$/i.test(uri));
  if (resource === undefined || !isPermission) return;
  throw new CliError('usage', `${option} takes a resource, and '${uri}' is a permission of one`, {
    hint: shellOption(option, resource),
  });
}
