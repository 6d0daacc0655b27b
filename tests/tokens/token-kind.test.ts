import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/tokens/jwt.ts';
import { type TokenKind, tokenKindOf } from '../../src/tokens/token-kind.ts';
import { TENANT } from '../support/tokens.ts';

const APP = 'a1111111-2222-3333-4444-555555555555';
const USER = 'b1111111-2222-3333-4444-555555555555';
const V1 = `https://sts.windows.net/${TENANT}/`;
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const B2C = `https://shop.b2clogin.com/${TENANT}/v2.0/`;
const KEYCLOAK = 'https://id.example/realms/shop';

describe.each<[TokenKind, [string, JsonObject][]]>([
  [
    'id-token',
    [
      ['Entra v2.0', { iss: V2, aud: APP, sub: 'pair', oid: USER, name: 'Ada', ver: '2.0' }],
      ['Entra v1.0', { iss: V1, aud: APP, sub: 'pair', oid: USER, upn: 'ada@x.example' }],
      ['with app roles', { iss: V2, aud: APP, sub: 'pair', oid: USER, roles: ['Admin'] }],
      [
        'B2C',
        { iss: B2C, aud: APP, sub: USER, oid: USER, tfp: 'B2C_1_in', emails: ['a@x.example'] },
      ],
      [
        'B2C, custom domain',
        { iss: 'https://id.shop.example/v2.0/', aud: APP, sub: USER, oid: USER, nonce: 'n' },
      ],
      ['Keycloak', { iss: KEYCLOAK, aud: 'web', azp: 'web', typ: 'ID', sub: 's' }],
      [
        'Google',
        { iss: 'https://accounts.google.com', aud: 'g', azp: 'g', sub: '1', email: 'a@x.example' },
      ],
      ['plain OpenID Connect', { iss: 'https://id.example', aud: 'web', sub: 's', at_hash: 'h' }],
    ],
  ],
  [
    'delegated',
    [
      [
        'Entra v2.0',
        { iss: V2, aud: APP, azp: APP, azpacr: '1', sub: 'pair', oid: USER, scp: 'a' },
      ],
      ['Entra, by idtyp', { iss: V1, appid: APP, sub: 'pair', oid: USER, idtyp: 'user' }],
      ['B2C', { iss: B2C, aud: APP, azp: 'web', sub: USER, oid: USER, scp: 'Orders.Read' }],
      [
        'Keycloak',
        { iss: KEYCLOAK, aud: 'api', azp: 'web', typ: 'Bearer', scope: 'email', nonce: 'n' },
      ],
      [
        'Keycloak, by a person with such a name',
        { azp: 'web', typ: 'Bearer', scope: 'a', preferred_username: 'service-account-job' },
      ],
    ],
  ],
  [
    'app-only',
    [
      ['Entra v2.0', { iss: V2, aud: 'api://x', azp: APP, azpacr: '1', sub: USER, oid: USER }],
      [
        'Entra, for its own API',
        { iss: V2, aud: APP, azp: APP, azpacr: '2', sub: USER, oid: USER },
      ],
      ['Entra, by idtyp', { iss: V1, appid: APP, sub: 'x', oid: USER, idtyp: 'app' }],
      [
        'RFC 9068',
        { iss: 'https://id.example', aud: 'api', sub: 'job', client_id: 'job', scope: 'a' },
      ],
      [
        'Keycloak',
        {
          ...{ iss: KEYCLOAK, aud: 'account', azp: 'Job', typ: 'Bearer', sub: USER },
          ...{ preferred_username: 'service-account-job', scope: 'email profile' },
        },
      ],
    ],
  ],
  [
    'refresh-token',
    [
      ['Keycloak', { iss: KEYCLOAK, aud: KEYCLOAK, azp: 'web', typ: 'Refresh', scope: 'email' }],
      ['Keycloak, offline', { iss: KEYCLOAK, aud: KEYCLOAK, azp: 'web', typ: 'Offline' }],
    ],
  ],
  [
    'unknown',
    [
      ['nothing', {}],
      ['Keycloak, without scopes', { aud: 'web', azp: 'web', typ: 'Bearer', email: 'a@x.example' }],
      ['an issuer and a subject', { iss: 'https://id.example', sub: 's', aud: 'x' }],
      ['an app and no permission', { iss: V2, aud: 'api://x', azp: APP, sub: 'pair', oid: USER }],
    ],
  ],
])('%s', (kind, tokens) => {
  it.each(tokens)('%s', (_, claims) => {
    expect(tokenKindOf(claims)).toBe(kind);
  });
});
