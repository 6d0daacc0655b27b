import { type Deadline, startDeadline } from '../core/deadline.ts';
import { describeDuration } from '../core/duration.ts';
import type { AcquiredToken } from '../core/oauth.ts';
import type { App, Outcome } from '../core/ports.ts';
import { refuseUncheckedTls } from '../core/tls-guard.ts';
import type { FlowContext, FlowRequest } from '../flows/flow.ts';
import { acquireToken } from '../flows/index.ts';
import { prepareSave } from '../output/save.ts';
import { formatToken } from '../output/token.ts';
import type { Profile } from '../profiles/schema.ts';
import { type ProfilesFile, readProfiles } from '../profiles/store.ts';
import { lifeLeft } from '../tokens/records.ts';
import { obtainToken } from './cached-token.ts';
import { resolveUserPath } from './certificate-file.ts';
import { chooseProfile } from './choose-profile.ts';
import { findCredential } from './credential.ts';
import { type GetTokenArgs, readTokenOptions, type TokenOptions } from './token-options.ts';
import { resolveTarget, type TokenTarget } from './token-target.ts';
import { tryCredentials, whileRotating } from './try-credentials.ts';

/** Profile in, token out: everything that needs no network is checked before it is used. */
export async function getToken(app: App, args: GetTokenArgs): Promise<Outcome> {
  refuseUncheckedTls(app.env);
  const options = readTokenOptions(args);
  const { output } = args;
  const save =
    output === undefined ? undefined : prepareSave(output, app.workingFolder, app.paths.home);
  const read = readProfiles(app.paths.profiles);
  const chosen = await chooseProfile(app, read, args.profile);
  const deadline = startDeadline(options.timeout, app.interrupted);
  const { target, result, fromCache } = await whileRotating(app, read, chosen, (file, profile) =>
    obtain(app, args, { file, profile, options, deadline }),
  );
  app.talk.hide(result.accessToken);
  const left = lifeLeft(result, app.clock.now());
  if (!fromCache && left < options.minTtl) {
    app.talk.warn(
      `the new token lives for ${describeDuration(left)} only; asking again cannot help`,
    );
  }
  app.talk.done('Token acquired successfully');

  const { name } = chosen;
  const { flow, tenantId } = target;
  const text = formatToken(
    { ...result, profile: name, flow, tenantId, fromCache },
    args.json === true,
  );
  if (!save) return { stdout: text };
  save(text);
  app.talk.done(`Token saved to ${output}`);
  return { stdout: '' };
}

interface Call {
  readonly file: ProfilesFile;
  readonly profile: Profile;
  readonly options: TokenOptions;
  readonly deadline: Deadline;
}

async function obtain(app: App, args: GetTokenArgs, { file, profile, options, deadline }: Call) {
  const target = resolveTarget(profile, args, app.env);
  const source = target.flow === 'ClientCredentials' ? findCredential(app, profile) : undefined;
  app.talk.say(`Authenticating with profile '${profile.name}'...`);
  const ask = (credential: FlowContext['credential']): Promise<AcquiredToken> =>
    acquireToken(requestOf(target, options), {
      talk: app.talk,
      deadline,
      credential,
      tokenClient: () => app.tokenClient(target.caFile && resolveUserPath(app, target.caFile)),
    });
  // a flow without a credential of the application's
  if (!source) {
    await ask(() => Promise.reject(new Error('this flow has no credential')));
    throw new Error('a flow without a credential gave a token');
  }
  const request = () => tryCredentials(app, profile, source, ask);
  const landing = await obtainToken(app, { file, target, source, options, deadline, request });
  return { target, ...landing };
}

function requestOf(target: TokenTarget, { claims }: TokenOptions): FlowRequest {
  const { profile, flow, authority, tenantId, clientId, scopes, sendX5c, thumbprint } = target;
  return {
    profile: profile.name,
    flow,
    authority,
    tenantId,
    clientId,
    scopes,
    sendX5c,
    thumbprint,
    ...(claims !== undefined && { claims }),
  };
}
