import type { Deadline } from '../core/deadline.ts';
import type { Browser, Loopback, Progress, Prompter } from '../core/interaction.ts';
import type { AcquiredToken, Credential, TokenClient, TokenRequest } from '../core/oauth.ts';
import type { Log } from '../core/ports.ts';
import type { Profile } from '../profiles/schema.ts';

/** How a person is asked to sign in, where the call says so. */
export interface SignInOptions {
  /** One of `PROMPTS`. */
  readonly prompt?: string;
  /** False: the link is only printed. */
  readonly useBrowser: boolean;
  /** Exactly this loopback port. */
  readonly port?: number;
}

/** How a token is asked for, whichever it is. A flow fetches nothing for itself. */
export interface FlowContext {
  readonly profile: Pick<Profile, 'name' | 'redirectUri' | 'browserCommand' | 'prompt'>;
  readonly options: SignInOptions;
  /** The command line that does the same with a person at the terminal. */
  readonly command: string;
  readonly deadline: Deadline;
  readonly log: Log;
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

export type Flow = (request: TokenRequest, context: FlowContext) => Promise<AcquiredToken>;
