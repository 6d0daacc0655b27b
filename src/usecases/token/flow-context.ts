import type { Deadline } from '../../core/deadline.ts';
import type { TokenClientOptions } from '../../core/oauth.ts';
import type { App } from '../../core/ports.ts';
import type { FlowContext } from '../../flows/flow.ts';
import { resolveUserPath } from '../credentials/certificate-file.ts';

/**
 * The app's costly parts as a flow asks for them.
 * @param options as the profile and the command line have them
 */
export function flowContext(
  app: App,
  deadline: Deadline,
  { caFile, useCache }: TokenClientOptions,
  credential: FlowContext['credential'],
): FlowContext {
  return {
    log: app.log,
    deadline,
    credential,
    tokenClient: () =>
      app.tokenClient({ caFile: caFile && resolveUserPath(app, caFile), useCache }),
    loopback: app.loopback,
    browser: app.browser,
    progress: app.progress,
    prompter: app.prompter,
  };
}
