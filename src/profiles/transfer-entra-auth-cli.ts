import { type Cloud, cloudOf } from '../core/clouds.ts';
import { CliError } from '../core/errors.ts';
import { parseFlowName } from '../core/flow-names.ts';
import { isObject } from '../core/json.ts';
import { looksLikeSecret } from '../core/secret-shape.ts';
import {
  type CarriedProfile,
  type CarriedSecret,
  checkTransfer,
  type Transfer,
  uncheckedProfile,
} from './transfer.ts';
import { parseTransferJson } from './transfer-json.ts';

/**
 * The fields of entra-auth-cli that are converted, or left out without a note, as `foldName` spells
 * them.
 */
const TAKEN = new Set([
  ...['name', 'clientid', 'tenantid', 'scope', 'scopes', 'resource', 'flow', 'defaultflow'],
  ...['authmethod', 'useclientsecret', 'usecertificate', 'certificatepath', 'redirecturi'],
  ...['authority', 'authorityurl', 'cachecertificatepassword'],
  // dates without meaning for tokencli
  ...['createdat', 'updatedat'],
]);

/**
 * Converts the profiles of entra-auth-cli: an array, as that program writes it, `{"profiles":
 * […]}`, or a single profile; field names in any case, with or without `_` and `-`. The file
 * contains no secrets.
 * @throws CliError invalid_data
 */
export function parseEntraAuthCli(bytes: Uint8Array, name: string): Transfer {
  const list = profilesOf(parseTransferJson(bytes, name));
  if (!list || list.length === 0) {
    throw new CliError('invalid_data', `${name} holds no profiles of entra-auth-cli`, {
      hint: 'name its profiles.json with -f; an export of tokencli needs no --from',
    });
  }
  return checkTransfer({ profiles: list.map(convert) }, name);
}

function profilesOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return undefined;
  if (Array.isArray(value['profiles'])) return value['profiles'];
  return 'name' in value || 'Name' in value ? [value] : undefined;
}

type SourceFields = ReadonlyMap<string, unknown>;

function convert(value: unknown): CarriedProfile {
  const stated = Object.entries(isObject(value) ? value : {}).filter(
    ([, each]) => each !== null && each !== '',
  );
  const source: SourceFields = new Map(stated.map(([key, each]) => [foldName(key), each]));
  const theirName = source.get('name');
  // a secret that is changed would not be known as one
  const isName = typeof theirName === 'string' && !looksLikeSecret(theirName);
  const name = isName ? ourName(theirName) : theirName;
  const strange = stated.map(([key]) => key).filter((key) => !TAKEN.has(foldName(key)));
  const notes = [
    ...(name === theirName ? [] : [`its name was '${theirName}'`]),
    ...strange.map((key) => `its field '${key.slice(0, 64)}' has no place here`),
  ];
  const flow = source.get('defaultflow') ?? source.get('flow');
  const usesCertificate = /certificate/.test(foldName(methodOf(source)));
  const fields = {
    name,
    clientId: source.get('clientid'),
    tenantId: source.get('tenantid'),
    ...scopesOf(source),
    flow: typeof flow === 'string' ? (parseFlowName(flow) ?? flow) : flow,
    ...otherAuthority(source.get('authority') ?? source.get('authorityurl')),
    redirectUri: source.get('redirecturi'),
    certificatePath: source.get('certificatepath'),
    useCertificate: usesCertificate || undefined,
  };
  return {
    profile: uncheckedProfile(fields),
    secrets: secretsOf(source, usesCertificate),
    notes,
  };
}

/** Replaces characters that a profile's name must not contain. */
export function ourName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[._-]+|-+$/g, '');
}

function methodOf(source: SourceFields): string {
  const method = source.get('authmethod');
  if (typeof method === 'string') return method;
  if (source.get('usecertificate') === true) return 'certificate';
  return source.get('useclientsecret') === true ? 'client secret' : '';
}

/**
 * The kinds of secrets that the profile needs. Their values are in a store that only entra-auth-cli
 * can read.
 */
function secretsOf(source: SourceFields, usesCertificate: boolean): CarriedSecret[] {
  const method = foldName(methodOf(source));
  if (method === 'clientsecret') return [{ kind: 'clientSecret' }];
  const locked = usesCertificate && source.get('cachecertificatepassword') === true;
  return locked ? [{ kind: 'certificatePassword' }] : [];
}

function scopesOf(source: SourceFields): object {
  const scopes = source.get('scopes') ?? source.get('scope');
  if (Array.isArray(scopes) && scopes.length > 0) return { scopes };
  if (typeof scopes === 'string') return { scope: scopes };
  const resource = source.get('resource');
  return typeof resource === 'string' ? { scopes: [`${resource}/.default`] } : {};
}

/**
 * Converts the authority of another program, which may include the tenant.
 * @returns its cloud, nothing for the public one; else its origin. What is not a URL stays, and is
 *   reported as invalid later
 */
export function otherAuthority(url: unknown): { authority?: unknown; cloud?: Cloud } {
  if (url === undefined) return {};
  if (typeof url !== 'string' || !URL.canParse(url)) return { authority: url };
  const cloud = cloudOf(url);
  if (cloud === undefined) return { authority: new URL(url).origin };
  return cloud === 'public' ? {} : { cloud };
}

/** `client_id`, `client-id` and `ClientId` become `clientid`. */
function foldName(key: string): string {
  return key.toLowerCase().replaceAll(/[_\s-]/g, '');
}
