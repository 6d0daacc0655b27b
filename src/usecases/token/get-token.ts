import type { App, Outcome } from '../../core/ports.ts';
import { obtainAppToken } from './app-token.ts';
import { callForToken } from './call-for-token.ts';
import type { GetTokenArgs } from './token-options.ts';
import { obtainUserToken } from './user-token.ts';

/** Profile in, token out: everything that needs no network is checked before it is used. */
export async function getToken(app: App, args: GetTokenArgs): Promise<Outcome> {
  return callForToken(app, args, {
    begin: (profile) => `Authenticating with profile '${profile}'...`,
    end: 'Token acquired successfully',
    mayAsk: app.log.interactive,
    obtain: (call) =>
      call.target.flow === 'ClientCredentials' && call.source
        ? obtainAppToken(app, call, call.source)
        : obtainUserToken(app, call),
  });
}
