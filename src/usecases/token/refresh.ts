import type { App, Outcome } from '../../core/ports.ts';
import { handOutToken, obtainAppToken } from './get-token.ts';
import type { GetTokenArgs } from './token-options.ts';
import { refreshUserToken } from './user-token.ts';

/** A new token without asking a person, however long the one in the cache still lives. */
export async function refreshToken(app: App, args: GetTokenArgs): Promise<Outcome> {
  const forced = { ...args, 'force-refresh': true };
  return handOutToken(app, forced, {
    begin: (profile) => `Refreshing token for profile '${profile}'...`,
    end: 'Token refreshed successfully',
    mayAsk: false,
    obtain: async (call) => {
      if (call.request.flow !== 'ClientCredentials' || !call.source) {
        return refreshUserToken(app, call);
      }
      app.log.say('ClientCredentials has no refresh token: a new token is requested instead.');
      return obtainAppToken(app, call, call.source);
    },
  });
}
