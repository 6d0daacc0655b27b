import type { Deadline } from '../core/deadline.ts';
import type { Browser, Loopback, Progress, Prompter } from '../core/interaction.ts';
import type { AcquiredToken, Credential, TokenClient, TokenRequest } from '../core/oauth.ts';
import type { Log } from '../core/ports.ts';
import type { ReferenceField } from '../profiles/reference.ts';
import type { Profile } from '../profiles/schema.ts';

/** Options of the command line for the sign-in of a person. */
export interface SignInOptions {
  /** One of `PROMPTS`. */
  readonly prompt?: string;
  /** False: only print the link. */
  readonly useBrowser: boolean;
  /** The loopback port to listen on. */
  readonly port?: number;
}

/** What a flow needs besides the request. Costly things are functions, called only when needed. */
export interface FlowContext {
  readonly profile: Pick<
    Profile,
    'name' | 'redirectUri' | 'browserCommand' | 'prompt' | ReferenceField
  >;
  readonly options: SignInOptions;
  /** The command that hints suggest, to do the same with a person at the terminal. */
  readonly command: string;
  readonly deadline: Deadline;
  readonly log: Log;
  tokenClient(): Promise<TokenClient>;
  /** Reads the profile's credential. @returns undefined for a public client */
  credential(): Promise<Credential | undefined>;
  loopback(): Promise<Loopback>;
  browser(): Promise<Browser>;
  progress(): Promise<Progress>;
  prompter(): Promise<Prompter>;
  /** Checks a token before the browser shows success. @throws CliError if it cannot be used */
  readonly accept?: (token: AcquiredToken) => void;
}

export type Flow = (request: TokenRequest, context: FlowContext) => Promise<AcquiredToken>;
