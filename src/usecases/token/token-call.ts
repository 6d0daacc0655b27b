import { type Deadline, startDeadline } from '../../core/deadline.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../../core/defaults.ts';
import { CliError } from '../../core/errors.ts';
import type { FlowName } from '../../core/flow-names.ts';
import type { Credential, TokenRequest } from '../../core/oauth.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import type { FlowContext, SignInOptions } from '../../flows/flow.ts';
import { hasCredential } from '../../profiles/choose-flow.ts';
import type { Profile } from '../../profiles/schema.ts';
import type { ProfilesFile } from '../../profiles/store.ts';
import {
  type CredentialSource,
  culpritOf,
  findCredential,
} from '../credentials/credential-source.ts';
import {
  type GetTokenArgs,
  readTokenOptions,
  signInCommand,
  type TokenOptions,
  withProfile,
} from './token-options.ts';
import { resolveTokenRequest, withNamedResource } from './token-request.ts';

/** One call for one token: which one, by what means, until when. */
export interface TokenCall {
  readonly file: ProfilesFile;
  readonly profile: Profile;
  readonly request: TokenRequest;
  readonly options: TokenOptions;
  readonly deadline: Deadline;
  /** A person may be asked. */
  readonly mayAsk: boolean;
  /** None where the client is public (RFC 6749 section 2.1). */
  readonly source?: CredentialSource | undefined;
  /** The command line that does the same with a person at the terminal. */
  readonly command: string;
}

/**
 * The call that a command line means. Checks everything that needs no network.
 * @param running the deadline of the first try, when a call is repeated
 * @throws CliError usage, invalid_data, …
 */
export async function prepareCall(
  app: App,
  args: GetTokenArgs,
  { file, profile, mayAsk }: Pick<TokenCall, 'file' | 'profile' | 'mayAsk'>,
  running?: Deadline,
): Promise<TokenCall> {
  const options = withProfile(readTokenOptions(args), profile);
  const named = await withNamedResource(profile, args, app.env);
  const asked = resolveTokenRequest(profile, named, options, app.env);
  const deadline = running ?? startTimeLimit(app, options, asked.flow, mayAsk);
  checkPort(asked, options);
  const source = sourceOf(app, profile, asked.flow);
  const origins = { ...asked.origins, ...(source && { credential: culpritOf(source) }) };
  const said = Object.entries(origins).map(([part, origin]) => `${part} from ${origin}`);
  app.log.verbose(`Asking with ${said.join(', ')}`);
  const request = { ...asked, origins };
  const command = signInCommand(profile.name, args);
  return { file, profile, request, options, deadline, mayAsk, source, command };
}

/** Starts the limit of a call: a person takes longer than a machine. */
function startTimeLimit(
  app: App,
  { timeout }: TokenOptions,
  flow: FlowName,
  mayAsk: boolean,
): Deadline {
  const { unattended, browser, device } = DEFAULT_TIMEOUT_SECONDS;
  const patience = flow === 'DeviceCode' ? device : browser;
  const usual = mayAsk && flow !== 'ClientCredentials' ? patience : unattended;
  return startDeadline(timeout ?? usual, app.interrupted);
}

/**
 * What a flow needs: the options of the call, and the costly parts of the program.
 * @param credential loads the client's credential; without it the client is public
 */
export function flowContext(
  app: App,
  call: Pick<TokenCall, 'profile' | 'command' | 'deadline'> & { readonly options: SignInOptions },
  credential?: () => Promise<Credential>,
): FlowContext {
  const { profile, command, deadline, options } = call;
  const { log, loopback, browser, progress, prompter } = app;
  return {
    ...{ profile, command, deadline, options },
    ...{ log, loopback, browser, progress, prompter },
    credential: async () => credential?.(),
    tokenClient: () => app.tokenClient(profile.caFile && resolveUserPath(app, profile.caFile)),
  };
}

/**
 * A person's flows have a public client, save AuthorizationCode where the profile has a credential.
 */
function sourceOf(app: App, profile: Profile, flow: FlowName): CredentialSource | undefined {
  const mayHave = flow === 'AuthorizationCode' && hasCredential(profile, app.env);
  return mayHave || flow === 'ClientCredentials' ? findCredential(app, profile) : undefined;
}

function checkPort({ flow }: Pick<TokenRequest, 'flow'>, { port }: SignInOptions): void {
  if (port === undefined || flow === 'InteractiveBrowser' || flow === 'AuthorizationCode') return;
  throw new CliError('usage', `--port is for flows with a browser, not for ${flow}`, {
    hint: 'leave it out, or use --flow InteractiveBrowser',
  });
}
