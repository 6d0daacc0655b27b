import { createHash } from 'node:crypto';
import type { Context } from 'oidc-provider';
import type { AccessPolicy } from './access-policy.ts';
import type { StandInClient, StandInResource, StandInUser } from './apps.ts';
import { familyOf, type Memory } from './memory.ts';

/** Everything the stand-in knows: one tenant, its applications, people and APIs. */
export interface Directory {
  /** GUID. */
  readonly tenant: string;
  readonly domains: readonly string[];
  readonly clients: readonly StandInClient[];
  readonly users: readonly StandInUser[];
  readonly resources: readonly StandInResource[];
  /** Seconds an access token lives. */
  readonly tokenLifetime: number;
  readonly refreshTokenLifetime: number;
  /** Tell it in `refresh_token_expires_in`. */
  readonly tellRefreshTokenLifetime: boolean;
  /** Seconds. */
  readonly device: { readonly interval: number; readonly lifetime: number };
  /** Full names of the permissions that a person must consent to. */
  readonly needsConsent: readonly string[];
  readonly accessPolicies: readonly AccessPolicy[];
  readonly memory: Memory;
}

/** The object id of a person or an application: the same in every run. */
export function objectId(name: string): string {
  const hex = createHash('sha256').update(name.toLowerCase()).digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function findUser(directory: Directory, id: string): StandInUser | undefined {
  return directory.users.find(({ username }) => objectId(username) === id);
}

export function findAccount(directory: Directory, id: string) {
  const user = findUser(directory, id);
  if (!user) return undefined;
  const claims = {
    sub: id,
    oid: id,
    tid: directory.tenant,
    name: user.username.split('@')[0],
    preferred_username: user.username,
    ver: '2.0',
  };
  return { accountId: id, claims: async () => claims };
}

/** Claims that Entra puts into an access token beside the registered ones. */
export function extraClaims(directory: Directory, ctx: Context, accountId: string | undefined) {
  const client = directory.clients.find(({ id }) => id === ctx.oidc.client?.clientId);
  const user = accountId === undefined ? undefined : findUser(directory, accountId);
  const common = {
    appid: client?.id,
    azp: client?.id,
    azpacr: client?.certificate ? '2' : client?.secret ? '1' : '0',
    tid: directory.tenant,
    ver: '2.0',
  };
  const passed = [...(familyOf(directory.memory, ctx)?.passed ?? [])];
  const acrs = passed.length > 0 && { acrs: passed };
  if (user) return { ...common, oid: accountId, preferred_username: user.username, ...acrs };
  return { ...common, oid: objectId(client?.id ?? ''), idtyp: 'app', roles: client?.roles ?? [] };
}
