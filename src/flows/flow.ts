import type { Deadline } from '../core/deadline.ts';
import type { FlowName } from '../core/flow-names.ts';
import type { AcquiredToken, Authority, Credential, TokenClient } from '../core/oauth.ts';
import type { Talk } from '../core/ports.ts';

/** What a flow gets from its caller; it fetches nothing for itself. */
export interface FlowRequest {
  readonly profile: string;
  readonly flow: FlowName;
  readonly authority: Authority;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly claims?: string;
  readonly sendX5c: boolean;
  readonly thumbprint: 'sha1' | 'sha256';
}

export interface FlowContext {
  readonly talk: Talk;
  readonly deadline: Deadline;
  tokenClient(): Promise<TokenClient>;
  /** Reads the profile's credential. @throws CliError interaction_required when it has none */
  credential(): Promise<Credential>;
}

export type Flow = (request: FlowRequest, context: FlowContext) => Promise<AcquiredToken>;
