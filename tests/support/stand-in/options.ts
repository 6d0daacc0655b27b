import { randomUUID } from 'node:crypto';
import type { AccessPolicy } from './access-policy.ts';
import {
  DEFAULT_RESOURCES,
  type StandInClient,
  type StandInResource,
  type StandInUser,
} from './apps.ts';
import type { Directory } from './directory.ts';
import { createMemory } from './memory.ts';

export interface StandInOptions {
  readonly tls: { readonly key: string; readonly cert: string };
  readonly clients: readonly StandInClient[];
  /** GUID; a random one by default. */
  readonly tenant?: string;
  /** Domains of the tenant, which may stand for its id. */
  readonly domains?: readonly string[];
  readonly users?: readonly StandInUser[];
  readonly resources?: readonly StandInResource[];
  /** Seconds, 3599 by default. */
  readonly tokenLifetime?: number;
  /** Seconds, a day by default; when given, it is told as `refresh_token_expires_in`. */
  readonly refreshTokenLifetime?: number;
  /** Seconds between polls for a device code, 5 by default. */
  readonly deviceInterval?: number;
  /** Seconds, 900 by default. */
  readonly deviceLifetime?: number;
  /** Full names of permissions that a person must consent to; all others are given beforehand. */
  readonly needsConsent?: readonly string[];
  readonly accessPolicies?: readonly AccessPolicy[];
  /** Sees each access token before the client does. */
  readonly onIssued?: (token: string) => void;
  /** What it calls itself instead of its origin: it then answers for that host. */
  readonly publicOrigin?: string;
}

export function createDirectory(options: StandInOptions): Directory {
  return {
    tenant: options.tenant ?? randomUUID(),
    domains: options.domains ?? [],
    clients: options.clients,
    users: options.users ?? [],
    resources: options.resources ?? DEFAULT_RESOURCES,
    tokenLifetime: options.tokenLifetime ?? 3599,
    refreshTokenLifetime: options.refreshTokenLifetime ?? 86_400,
    tellRefreshTokenLifetime: options.refreshTokenLifetime !== undefined,
    device: {
      interval: options.deviceInterval ?? 5,
      lifetime: options.deviceLifetime ?? 900,
    },
    needsConsent: options.needsConsent ?? [],
    accessPolicies: options.accessPolicies ?? [],
    memory: createMemory(),
  };
}
