import { type Deadline, startDeadline } from '../../core/deadline.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../../core/duration.ts';
import { CliError } from '../../core/errors.ts';
import type { FlowName } from '../../core/flow-names.ts';
import type { Credential } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import type { FlowContext, FlowRequest } from '../../flows/flow.ts';
import { hasCredential } from '../../profiles/resolve.ts';
import type { Profile } from '../../profiles/schema.ts';
import type { ProfilesFile } from '../../profiles/store.ts';
import { type CredentialSource, findCredential } from '../credentials/credential-source.ts';
import { flowContext } from './flow-context.ts';
import { signInCommand } from './sign-in-command.ts';
import type { GetTokenArgs, TokenOptions } from './token-options.ts';
import type { TokenTarget } from './token-target.ts';

/** One call for one token: what is wanted, by what means, until when. */
export interface TokenCall {
  readonly file: ProfilesFile;
  readonly profile: Profile;
  readonly target: TokenTarget;
  readonly options: TokenOptions;
  readonly deadline: Deadline;
  /** None where the client is public. */
  readonly source?: CredentialSource;
  /** A person may be asked. */
  readonly mayAsk: boolean;
  readonly request: FlowRequest;
  /** @param credential how the client proves itself, if it does */
  context(credential?: () => Promise<Credential>): FlowContext;
}

export interface CallParts {
  readonly target: TokenTarget;
  readonly file: ProfilesFile;
  readonly profile: Profile;
  readonly options: TokenOptions;
  readonly deadline: Deadline;
  readonly mayAsk: boolean;
}

/** Checks everything that needs no network. @throws CliError usage, invalid_data, … */
export function prepareCall(app: App, args: GetTokenArgs, parts: CallParts): TokenCall {
  const { profile, target, options, deadline } = parts;
  checkPort(target, options);
  const source = sourceOf(app, profile, target.flow);
  return {
    ...parts,
    ...(source && { source }),
    request: requestOf(target, options, signInCommand(profile.name, args)),
    context: (credential) => flowContext(app, deadline, target.caFile, async () => credential?.()),
  };
}

/** The limit of a call: a person takes longer than a machine. */
export function limitCall(
  app: App,
  { timeout }: TokenOptions,
  flow: FlowName,
  mayAsk: boolean,
): Deadline {
  const { nobody, browser, device } = DEFAULT_TIMEOUT_SECONDS;
  const patience = flow === 'DeviceCode' ? device : browser;
  const usual = mayAsk && flow !== 'ClientCredentials' ? patience : nobody;
  return startDeadline(timeout ?? usual, app.interrupted);
}

/**
 * A person's flows have a public client, save AuthorizationCode where the profile has a credential.
 */
function sourceOf(app: App, profile: Profile, flow: FlowName): CredentialSource | undefined {
  if (flow === 'ClientCredentials') return findCredential(app, profile);
  if (flow !== 'AuthorizationCode' || !hasCredential(profile, app.env)) return undefined;
  return findCredential(app, profile);
}

function checkPort({ flow }: TokenTarget, { port }: TokenOptions): void {
  if (port === undefined || flow === 'InteractiveBrowser' || flow === 'AuthorizationCode') return;
  throw new CliError('usage', `--port is for flows with a browser, not for ${flow}`, {
    hint: 'leave it out, or use --flow InteractiveBrowser',
  });
}

function requestOf(target: TokenTarget, options: TokenOptions, command: string): FlowRequest {
  const { profile, flow, authority, tenantId, clientId, scopes, sendX5c, thumbprint } = target;
  const { redirectUri, loginHint } = target;
  const { claims, port, prompt, useBrowser } = options;
  return {
    profile: profile.name,
    flow,
    authority,
    tenantId,
    clientId,
    scopes,
    sendX5c,
    thumbprint,
    command,
    useBrowser,
    ...(claims !== undefined && { claims }),
    ...(port !== undefined && { port }),
    ...(prompt !== undefined && { prompt }),
    ...(redirectUri !== undefined && { redirectUri }),
    ...(loginHint !== undefined && { loginHint }),
    ...(profile.browserCommand && { browserCommand: profile.browserCommand }),
    ...(profile.clientCapabilities && { capabilities: profile.clientCapabilities }),
  };
}
