import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createSealedStore } from '../../src/adapters/sealed-store.ts';
import { locatePaths } from '../../src/core/paths.ts';
import { profileDigest } from '../../src/profiles/store.ts';
import { openVault } from '../../src/secrets/vault.ts';
import { openCache } from '../../src/tokens/cache.ts';
import type { Seen } from './fake-idp.ts';
import { createStoreApp } from './store-app.ts';

export interface SignIn {
  /** Where `.tokencli` is. */
  readonly home: string;
  readonly storeKey: string;
  /** As it stands in profiles.json. */
  readonly profile: { readonly name: string; readonly clientId: string };
  readonly origin: string;
  readonly refreshToken: string;
}

/** Makes a profile signed in, as a person would with a browser; the sealed file is its store. */
export async function signIn({ home, storeKey, profile, origin, refreshToken }: SignIn) {
  const { app } = createStoreApp({ home, env: { TOKENCLI_STORE_KEY: storeKey } });
  const paths = locatePaths(home, join(home, '.tokencli'));
  const vault = openVault(createSealedStore({ ...app, paths }));
  const now = Date.now() / 1000;
  const cache = openCache({
    folder: paths.cacheFolder,
    profile: profile.name,
    profileDigest: profileDigest(profile),
    keys: {
      kind: 'file',
      read: (id) => vault.read('cacheKey', id),
      save: (value) => vault.save('cacheKey', value),
    },
    lockForKey: async () => () => {},
    warn: () => {},
    now: () => now,
  });
  await cache.save({
    session: {
      record: 'session',
      root: origin,
      clientId: profile.clientId,
      confidential: false,
      account: { id: 'oid.tid', username: 'somebody@contoso.example' },
      refreshToken,
      signedInOn: now,
      renewedOn: now,
    },
  });
}

export interface Rotation {
  /** For the fake identity provider. */
  handle(seen: Seen, response: ServerResponse): boolean;
  /** The only refresh token that is good, where reuse is punished. */
  readonly current: string;
  /** Requests that redeemed a refresh token. */
  readonly requests: number;
  /** Of them those that brought one that was spent. */
  readonly reuses: number;
  /** Ends the family: every refresh token is refused from now on. */
  revoke(): void;
}

/** @param strict a spent refresh token ends the family (RFC 9700 section 4.14.2), else it is good */
export function startRotation(strict: boolean): Rotation {
  const next = () => `rt.${randomBytes(24).toString('hex')}`;
  const good = new Set<string>();
  const state = { current: next(), requests: 0, reuses: 0, revoked: false };
  good.add(state.current);
  const answer = (response: ServerResponse, status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
    return true;
  };
  return {
    get current() {
      return state.current;
    },
    get requests() {
      return state.requests;
    },
    get reuses() {
      return state.reuses;
    },
    revoke: () => {
      state.revoked = true;
    },
    handle: ({ body }, response) => {
      if (body['grant_type'] !== 'refresh_token') return false;
      state.requests += 1;
      const brought = body['refresh_token'] ?? '';
      if (strict && brought !== state.current) {
        state.reuses += 1;
        state.revoked = true;
      }
      if (state.revoked || !good.has(brought)) {
        return answer(response, 400, {
          error: 'invalid_grant',
          error_description: 'AADSTS70043: The refresh token has expired or is invalid.',
          error_codes: [70043],
        });
      }
      state.current = next();
      good.add(state.current);
      return answer(response, 200, {
        token_type: 'Bearer',
        expires_in: 3600,
        scope: body['scope'],
        access_token: `at.${state.requests}.${randomBytes(12).toString('hex')}`,
        refresh_token: state.current,
      });
    },
  };
}
