import { describe, expect, it } from '@jest/globals';
import { readClaimsRequest } from '../../src/entra/claims-request.ts';
import { oauthErrorOf } from '../../src/entra/oauth-error.ts';

const claimsOf = (claims: unknown) =>
  oauthErrorOf('interaction_required', { claims }).details.claims;

describe('a claims request', () => {
  it.each([
    ['{"access_token":{"acrs":{"essential":true,"value":"c1"}}}', undefined],
    ['{"userinfo":{"email":null},"id_token":{}}', undefined],
    [' { "access_token" : { } } ', '{"access_token":{}}'],
    ['{"of_the_future":5}', undefined],
    ['{}', undefined],
  ])('is %s, from the command line or the server', (text, spelling = text) => {
    expect(readClaimsRequest(text)).toBe(spelling);
    expect(claimsOf(text)).toBe(spelling);
  });

  it.each([
    'garbage',
    '',
    '[]',
    'null',
    '"text"',
    '{&quot;access_token&quot;:{}}',
    '{"access_token":null}',
    '{"access_token":"c1"}',
    '{"id_token":5}',
    '{"id_token":[]}',
    '{"userinfo":true}',
  ])('is not %s', (text) => {
    expect(readClaimsRequest(text)).toBeUndefined();
    expect(claimsOf(text)).toBeUndefined();
  });

  it.each([{ access_token: {} }, 5, null])('is a text in an error, not %p', (claims) => {
    expect(claimsOf(claims)).toBeUndefined();
  });
});
