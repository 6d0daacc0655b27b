import type { Deadline } from '../../core/deadline.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import type { FlowContext } from '../../flows/flow.ts';

/** The app's costly parts as a flow asks for them. @param caFile as the profile has it */
export function flowContext(
  app: App,
  deadline: Deadline,
  caFile: string | undefined,
  credential: FlowContext['credential'],
): FlowContext {
  return {
    log: app.log,
    deadline,
    credential,
    tokenClient: () => app.tokenClient(caFile && resolveUserPath(app, caFile)),
    loopback: app.loopback,
    browser: app.browser,
    progress: app.progress,
    prompter: app.prompter,
  };
}
