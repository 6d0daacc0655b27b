import { describe, expect, it } from '@jest/globals';
import type { CliError } from '../../src/core/errors.ts';
import { resolveAuthority } from '../../src/entra/authority.ts';
import { readDeviceAuthorization } from '../../src/entra/device-authorization.ts';

const GOOD = {
  device_code: 'the-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://microsoft.com/devicelogin',
  expires_in: 900,
  interval: 5,
  message: '\u001b[2J go to https://evil.example',
};
const ENTRA = resolveAuthority({ tenantId: 'contoso.example' });
const ISSUER = resolveAuthority({
  authority: 'https://id.example/realms/One',
  protocol: 'oidc',
  tenantId: 'common',
});

function read(changes: object, authority = ENTRA, status = 200) {
  const body = JSON.stringify({ ...GOOD, ...changes });
  return readDeviceAuthorization({ status, headers: {}, body }, authority, 'the host');
}

function refused(changes: object, authority = ENTRA, status = 200): CliError {
  try {
    read(changes, authority, status);
  } catch (error) {
    return error as CliError;
  }
  throw new Error('it was accepted');
}

describe('readDeviceAuthorization', () => {
  it('takes what a person and the program need, and no message', () => {
    expect(read({})).toEqual({
      deviceCode: 'the-device-code',
      userCode: 'ABCD-EFGH',
      verificationUri: 'https://microsoft.com/devicelogin',
      interval: 5,
      expiresIn: 900,
    });
  });

  it.each<[unknown, number]>([
    [undefined, 5],
    [0, 5],
    [0.5, 5],
    [-1, 5],
    ['7', 7],
    ['soon', 5],
    [30, 30],
  ])('an interval of %p is %d seconds', (interval, expected) => {
    expect(read({ interval }).interval).toBe(expected);
  });

  it.each<[unknown, number]>([
    [undefined, 900],
    [60, 60],
    [1800, 1800],
    [86_400, 86_400],
    [-5, 900],
    ['600', 600],
  ])('a life of %p is %d seconds', (expires_in, expected) => {
    expect(read({ expires_in }).expiresIn).toBe(expected);
  });

  it.each([
    'https://login.microsoft.com/device',
    'https://microsoft.com/deviceloginus',
    'https://login.microsoftonline.com/common/oauth2/deviceauth',
  ])('sends people to %s', (verification_uri) => {
    expect(read({ verification_uri }).verificationUri).toBe(verification_uri);
  });

  it.each([undefined, null, ''])('reads the older name of the link beside %p', (absent) => {
    const changes = { verification_uri: absent, verification_url: GOOD.verification_uri };
    expect(read(changes).verificationUri).toBe(GOOD.verification_uri);
  });

  it.each([
    'http://microsoft.com/devicelogin',
    'https://microsoft.com.evil.example/devicelogin',
    'https://evilmicrosoft.com/devicelogin',
    'https://microsoft.com@evil.example/',
    'https://micrоsoft.com/devicelogin',
    'https://microsoft.com/\u001b[2J',
    'javascript:alert(1)',
    '--help',
    '',
    undefined,
  ])('does not send people to %p', (verification_uri) => {
    expect(refused({ verification_uri }).message).toContain('not to be trusted');
  });

  it('sends people to any https host of a generic issuer', () => {
    const verification_uri = 'https://www.id.example/device';
    expect(read({ verification_uri }, ISSUER).verificationUri).toBe(verification_uri);
    expect(refused({ verification_uri: 'http://id.example/' }, ISSUER).code).toBe('network');
  });

  it.each(['', '\u001b[31mABC', 'A\nB', ' ', 'x'.repeat(60), 7])(
    'shows no user code %p',
    (user_code) => {
      expect(refused({ user_code }).message).toContain('no user code');
    },
  );

  it('passes on why there is no code', () => {
    const error = refused(
      {
        error: 'unauthorized_client',
        error_description: 'AADSTS700016: no such app',
        error_codes: [700016],
      },
      ENTRA,
      400,
    );
    expect(error).toMatchObject({ code: 'auth_failed', details: { aadsts: 700016 } });
  });
});
