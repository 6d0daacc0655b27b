import { accessSync, constants } from 'node:fs';
import { CliError, systemReason } from '../../core/errors.ts';
import { parseFlowName } from '../../core/flow-names.ts';
import { isObject } from '../../core/json.ts';
import type { Flags, Lists, Values } from '../../core/options.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { looksLikeSecret } from '../../core/secret-shape.ts';
import { isSharedTenant } from '../../core/tenant.ts';
import { checkAppScopes, checkUserScopes, splitScopes } from '../../entra/scopes.ts';
import { REFERENCE_FIELDS, REFERENCE_FLAGS } from '../../profiles/reference.ts';
import { parseReference } from '../../profiles/reference-text.ts';
import { resolveSettings, type Settings } from '../../profiles/resolve-settings.ts';
import type { Profile } from '../../profiles/schema.ts';
import { findProfileProblems, isProfileField } from '../../profiles/validate.ts';
import { authorityOf } from '../token/token-request.ts';

/** The flags of `config create` and `config edit` for the fields of a profile. */
export type FieldFlags = Readonly<Record<string, unknown>> &
  Values<
    | ('client-id' | 'tenant-id' | 'flow' | 'certificate' | 'cloud' | 'authority' | 'issuer')
    | ('client-secret-from' | 'certificate-from' | 'assertion-from' | 'secret-expires')
    | ('protocol' | 'redirect-uri' | 'login-hint' | 'prompt' | 'min-ttl' | 'thumbprint' | 'ca-file')
  > &
  Flags<'import-certificate' | 'use-certificate' | 'send-x5c'> &
  Lists<'scope' | 'browser-command' | 'client-capability'>;

type Fields = Record<string, unknown>;

/** The flags as fields of profiles.json. A field is absent if its flag is. */
export function fieldsOf(app: App, flags: FieldFlags): Fields {
  const byPath = flags.certificate !== undefined && flags['import-certificate'] !== true;
  const fields: Fields = {
    clientId: flags['client-id'],
    tenantId: flags['tenant-id'],
    scopes: flags.scope && splitScopes(flags.scope),
    flow: flags.flow === undefined ? undefined : (parseFlowName(flags.flow) ?? flags.flow),
    cloud: flags.cloud,
    authority: flags.authority,
    issuer: flags.issuer,
    protocol: flags.protocol,
    redirectUri: flags['redirect-uri'],
    loginHint: flags['login-hint'],
    prompt: flags.prompt,
    minTtl: flags['min-ttl'],
    useCertificate: flags.certificate !== undefined || flags['use-certificate'] || undefined,
    certificatePath: byPath ? resolveUserPath(app, flags.certificate ?? '') : undefined,
    sendX5c: flags['send-x5c'],
    ...referencesOf(app, flags),
    thumbprint: flags.thumbprint,
    caFile: flags['ca-file'] && resolveUserPath(app, flags['ca-file']),
    browserCommand: flags['browser-command'],
    clientCapabilities: flags['client-capability'],
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Makes a path absolute, except one with `~`, which means the home of whoever uses the profile. */
function referencesOf(app: App, flags: FieldFlags): Fields {
  const entries = REFERENCE_FIELDS.map((field) => {
    const text = flags[REFERENCE_FLAGS[field]];
    if (text === undefined) return [field, undefined];
    const reference = parseReference(field, text);
    const file = isObject(reference) ? reference['file'] : undefined;
    const isOpen = typeof file === 'string' && !/^~(?:[/\\]|$)/.test(file);
    return [field, isOpen ? { file: resolveUserPath(app, file) } : reference];
  });
  return Object.fromEntries(entries);
}

/**
 * Refuses a profile that could never get a token, before anything is stored.
 * @throws CliError usage, naming every problem
 */
export function checkDraft(app: App, profile: Profile): void {
  refuseSecrets(profile);
  const problems = findProfileProblems(profile, '');
  if (problems.length > 0) {
    const hint = 'correct --client-id; an issuer other than Entra needs --protocol oidc';
    const isId = problems.some((problem) => problem.startsWith('clientId:'));
    throw new CliError('usage', problems.join('; '), isId ? { hint } : {});
  }
  if (profile.cloud !== undefined && profile.authority !== undefined) {
    throw new CliError('usage', 'give a cloud or an authority, not both');
  }
  if (profile.caFile !== undefined) checkCaFile(resolveUserPath(app, profile.caFile));
  const settings = resolveSettings(profile, {}, {});
  checkAuthority(settings);
  const { flow, scopes, tenantId, protocol } = settings;
  if (protocol.value !== 'entra') return;
  const isApp = flow.value === 'ClientCredentials';
  if (isApp && isSharedTenant(tenantId.value)) {
    const message = `ClientCredentials needs a tenant of its own, not '${tenantId.value}'`;
    throw new CliError('usage', message, { hint: 'give its GUID or domain with --tenant-id' });
  }
  const split = splitScopes(scopes.value);
  const problem = isApp ? checkAppScopes(split) : checkUserScopes(split);
  if (problem === undefined) return;
  const guessed = isApp && flow.source === 'default';
  const hint = 'a person signs in with --flow InteractiveBrowser';
  throw new CliError('usage', problem, guessed ? { hint } : {});
}

/** A secret in the place of an id or a path would be stored as plain text, and shown. */
function refuseSecrets(profile: Profile): void {
  const wrong = Object.entries(profile).find(
    ([name, value]) =>
      isProfileField(name) &&
      [value].flat().some((each) => typeof each === 'string' && looksLikeSecret(each)),
  );
  if (wrong === undefined) return;
  throw new CliError('usage', `${wrong[0]} looks like a secret, which has no place in a profile`, {
    hint: 'give a secret with --client-secret-stdin, --client-secret-file or --client-secret-env',
  });
}

function checkCaFile(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    const problem = `cannot read the certificate authorities in ${path}: ${systemReason(cause)}`;
    throw new CliError('usage', problem, { cause });
  }
}

/** The code becomes `usage`, because the value comes from a flag or an answer, not from a file. */
function checkAuthority(settings: Settings): void {
  try {
    authorityOf(settings);
  } catch (error) {
    throw error instanceof CliError ? error.with({ code: 'usage' }) : error;
  }
}
