import { CliError } from '../core/errors.ts';
import { parseFlowName } from '../core/flow-names.ts';
import { parseTransferJson } from './parse-json.ts';
import {
  type CarriedProfile,
  type CarriedSecret,
  checkTransfer,
  type Transfer,
  uncheckedProfile,
} from './transfer.ts';

/** Fields of theirs, spelt without case, hyphens and underscores, that we have a place for. */
const TAKEN = new Set([
  ...['name', 'clientid', 'tenantid', 'scope', 'scopes', 'resource', 'flow', 'defaultflow'],
  ...['authmethod', 'useclientsecret', 'usecertificate', 'certificatepath', 'redirecturi'],
  ...['authority', 'authorityurl', 'cachecertificatepassword'],
  // dates that no profile needs
  ...['createdat', 'updatedat'],
]);

/**
 * Reads the profiles of entra-auth-cli: `{"profiles": […]}` in camelCase, the same in snake_case, the
 * bare array that the program itself writes, or a single profile. Its secrets are not in the file.
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
  if (typeof value !== 'object' || value === null) return undefined;
  const { profiles } = value as { profiles?: unknown };
  if (Array.isArray(profiles)) return profiles;
  return 'name' in value || 'Name' in value ? [value] : undefined;
}

type Theirs = ReadonlyMap<string, unknown>;

function convert(value: unknown): CarriedProfile {
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  const stated = entries.filter(([, each]) => each !== null && each !== '');
  const theirs: Theirs = new Map(stated.map(([key, each]) => [bareKey(key), each]));
  const theirName = theirs.get('name');
  const name = ourName(theirName);
  const strange = stated.map(([key]) => key).filter((key) => !TAKEN.has(bareKey(key)));
  const notes = [
    ...(name === theirName ? [] : [`its name was '${theirName}'`]),
    ...strange.map((key) => `its field '${key.slice(0, 64)}' has no place here`),
  ];
  const usesCertificate = /certificate/.test(bareKey(methodOf(theirs)));
  const fields = {
    name,
    clientId: theirs.get('clientid'),
    tenantId: theirs.get('tenantid'),
    ...scopesOf(theirs),
    flow: flowOf(theirs.get('defaultflow') ?? theirs.get('flow')),
    ...otherAuthority(theirs.get('authority') ?? theirs.get('authorityurl')),
    redirectUri: theirs.get('redirecturi'),
    certificatePath: theirs.get('certificatepath'),
    useCertificate: usesCertificate || undefined,
  };
  return {
    profile: uncheckedProfile(fields),
    secrets: secretsOf(theirs, usesCertificate),
    notes,
  };
}

/** Their names may hold spaces and signs that ours may not. */
function ourName(name: unknown): unknown {
  if (typeof name !== 'string') return name;
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[._-]+|-+$/g, '');
}

function methodOf(theirs: Theirs): string {
  const method = theirs.get('authmethod');
  if (typeof method === 'string') return method;
  if (theirs.get('usecertificate') === true) return 'certificate';
  return theirs.get('useclientsecret') === true ? 'client secret' : '';
}

/** Their secrets are in a store of their own, which other programs cannot read. */
function secretsOf(theirs: Theirs, usesCertificate: boolean): CarriedSecret[] {
  const method = bareKey(methodOf(theirs));
  if (method === 'clientsecret') return [{ kind: 'clientSecret' }];
  const locked = usesCertificate && theirs.get('cachecertificatepassword') === true;
  return locked ? [{ kind: 'certificatePassword' }] : [];
}

function scopesOf(theirs: Theirs): object {
  const scopes = theirs.get('scopes') ?? theirs.get('scope');
  if (Array.isArray(scopes) && scopes.length > 0) return { scopes };
  if (typeof scopes === 'string') return { scope: scopes };
  const resource = theirs.get('resource');
  return typeof resource === 'string' ? { scopes: [`${resource}/.default`] } : {};
}

function flowOf(flow: unknown): unknown {
  return typeof flow === 'string' ? (parseFlowName(flow) ?? flow) : flow;
}

/**
 * Other programs write an authority with the tenant behind it, or the public cloud in full.
 * @returns its origin, if it is another than the public cloud; what is no URL as it is, to be refused
 */
export function otherAuthority(url: unknown): { authority?: unknown } {
  if (url === undefined) return {};
  if (typeof url !== 'string' || !URL.canParse(url)) return { authority: url };
  const { host, origin } = new URL(url);
  return host === 'login.microsoftonline.com' ? {} : { authority: origin };
}

/** As the fields are spelt in `TAKEN`. */
function bareKey(key: string): string {
  return key.toLowerCase().replaceAll(/[_\s-]/g, '');
}
