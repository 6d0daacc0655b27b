import { randomUUID } from 'node:crypto';
import type { Provider, ResponseMode } from 'oidc-provider';
import type { OidcModule } from './provider-module.ts';
import { refusal, refusalOf, refusalParameters } from './refusal.ts';

/** A provider whose redirects carry what Entra's carry, and no `iss` (RFC 9207). */
export function createEntraProvider(oidc: OidcModule, issuer: string, setup: object): Provider {
  class EntraProvider extends oidc.Provider {
    override registerResponseMode(name: string, send: ResponseMode): void {
      super.registerResponseMode(name, (ctx, uri, { iss: _, ...payload }) => {
        const { state } = payload;
        const also = state === undefined ? {} : { state };
        const why = refusalOf(ctx);
        if (why) return send(ctx, uri, { ...refusalParameters(why), ...also });
        if (payload['error'] === 'access_denied') {
          const declined = refusalParameters(refusal(65004, DECLINED));
          const cancelled = { error: 'access_denied', error_subcode: 'cancel' };
          return send(ctx, uri, {
            ...(payload['error_description'] ? declined : cancelled),
            ...also,
          });
        }
        const more = payload['code'] ? { session_state: randomUUID() } : {};
        return send(ctx, uri, { ...payload, ...more });
      });
    }
  }
  return new EntraProvider(issuer, setup);
}

const DECLINED = 'User declined to consent to access the app.';
