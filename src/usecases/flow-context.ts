import type { Deadline } from '../core/deadline.ts';
import type { App } from '../core/ports.ts';
import type { FlowContext } from '../flows/flow.ts';
import { resolveUserPath } from './certificate-file.ts';

/** The app's costly parts as a flow asks for them. */
export function flowContext(
  app: App,
  deadline: Deadline,
  caFile: string | undefined,
  credential: FlowContext['credential'],
): FlowContext {
  return {
    talk: app.talk,
    deadline,
    credential,
    tokenClient: () => app.tokenClient(caFile && resolveUserPath(app, caFile)),
    loopback: app.loopback,
    browser: app.browser,
    progress: app.progress,
    prompter: app.prompter,
  };
}
