import type { Deadline } from '../core/deadline.ts';
import type { FlowName } from '../core/flow-names.ts';
import type { Browser, Loopback, Progress, Prompter } from '../core/interaction.ts';
import type {
  AcquiredToken,
  Authority,
  Credential,
  TokenClient,
  TokenRequest,
} from '../core/oauth.ts';
import type { Log } from '../core/ports.ts';

/** What a flow gets from its caller; it fetches nothing for itself. */
export interface FlowRequest {
  readonly profile: string;
  readonly flow: FlowName;
  readonly authority: Authority;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly claims?: string;
  readonly capabilities?: readonly string[];
  readonly sendX5c: boolean;
  readonly thumbprint: 'sha1' | 'sha256';
  /** The command line that does the same with a person at the terminal. */
  readonly command: string;
  /** As the profile has it. */
  readonly redirectUri?: string;
  /** Exactly this loopback port. */
  readonly port?: number;
  /** False: the link is only printed. */
  readonly useBrowser: boolean;
  readonly browserCommand?: readonly string[];
  readonly prompt?: string;
  readonly loginHint?: string;
}

export interface FlowContext {
  readonly log: Log;
  readonly deadline: Deadline;
  tokenClient(): Promise<TokenClient>;
  /** Reads the profile's credential. @returns undefined where the client is public */
  credential(): Promise<Credential | undefined>;
  loopback(): Promise<Loopback>;
  browser(): Promise<Browser>;
  progress(): Promise<Progress>;
  prompter(): Promise<Prompter>;
  /** Looks at a token before anybody is told that it worked. @throws CliError if it will not do */
  readonly accept?: (token: AcquiredToken) => void;
}

export type Flow = (request: FlowRequest, context: FlowContext) => Promise<AcquiredToken>;

/** The part of every request that says who asks whom for what. */
export function tokenRequest(request: FlowRequest, credential: Credential | undefined) {
  const { authority, clientId, scopes, claims, capabilities, sendX5c, thumbprint } = request;
  return {
    authority,
    clientId,
    scopes,
    sendX5c,
    thumbprint,
    ...(credential && { credential }),
    ...(claims !== undefined && { claims }),
    ...(capabilities && { capabilities }),
  } satisfies TokenRequest;
}
