import { startDeadline } from '../core/deadline.ts';
import { describeDuration } from '../core/duration.ts';
import type { AcquiredToken } from '../core/oauth.ts';
import type { App, Outcome } from '../core/ports.ts';
import { refuseUncheckedTls } from '../core/tls-guard.ts';
import type { FlowContext, FlowRequest } from '../flows/flow.ts';
import { acquireToken } from '../flows/index.ts';
import { prepareSave } from '../output/save.ts';
import { formatToken } from '../output/token.ts';
import { readProfiles } from '../profiles/store.ts';
import { lifeLeft } from '../tokens/records.ts';
import { obtainToken } from './cached-token.ts';
import { resolveUserPath } from './certificate-file.ts';
import { chooseProfile } from './choose-profile.ts';
import { findCredential, loadCredential } from './credential.ts';
import { type GetTokenArgs, readTokenOptions, type TokenOptions } from './token-options.ts';
import { resolveTarget, type TokenTarget } from './token-target.ts';

/** Profile in, token out: everything that needs no network is checked before it is used. */
export async function getToken(app: App, args: GetTokenArgs): Promise<Outcome> {
  refuseUncheckedTls(app.env);
  const options = readTokenOptions(args);
  const { output } = args;
  const save =
    output === undefined ? undefined : prepareSave(output, app.workingFolder, app.paths.home);
  const file = readProfiles(app.paths.profiles);
  const profile = await chooseProfile(app, file, args.profile);
  const target = resolveTarget(profile, args, app.env);
  const deadline = startDeadline(options.timeout, app.interrupted);
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
    return { stdout: '' };
  }
  const { result, fromCache } = await obtainToken(app, {
    file,
    target,
    source,
    options,
    deadline,
    request: () => ask(() => loadCredential(app, profile, source)),
  });
  app.talk.hide(result.accessToken);
  const left = lifeLeft(result, app.clock.now());
  if (!fromCache && left < options.minTtl) {
    app.talk.warn(
      `the new token lives for ${describeDuration(left)} only; asking again cannot help`,
    );
  }
  app.talk.done('Token acquired successfully');

  const { name } = profile;
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
