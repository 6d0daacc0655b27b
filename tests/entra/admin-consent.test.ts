import { describe, expect, it } from '@jest/globals';
import { adminConsentLink, readConsentAnswer } from '../../src/entra/admin-consent.ts';

const TENANT = '41463F53-8812-40f4-890f-865bf6e35190';
const request = {
  form: 'v2',
  authorityUrl: 'https://login.microsoftonline.com/organizations',
  clientId: '2d4d11a2-f814-46a7-890a-274a72a7309e',
  scopes: ['https://manage.office.com/ActivityFeed.Read', 'https://manage.office.com/x'],
  redirectUri: 'http://localhost:8080/a b',
  state: 's&t',
} as const;

describe('the link', () => {
  it('of v2', () => {
    expect(adminConsentLink(request)).toBe(
      'https://login.microsoftonline.com/organizations/v2.0/adminconsent' +
        '?client_id=2d4d11a2-f814-46a7-890a-274a72a7309e' +
        '&redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fa+b&state=s%26t' +
        '&scope=https%3A%2F%2Fmanage.office.com%2FActivityFeed.Read+https%3A%2F%2Fmanage.office.com%2Fx',
    );
  });

  it('of v1 is for one resource', () => {
    const { searchParams, pathname } = new URL(adminConsentLink({ ...request, form: 'v1' }));
    expect(pathname).toBe('/organizations/oauth2/authorize');
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      prompt: 'admin_consent',
      resource: 'https://manage.office.com',
      client_id: request.clientId,
      redirect_uri: request.redirectUri,
      state: request.state,
    });
    for (const scopes of [['openid'], ['api://a/x', 'api://b/y']]) {
      expect(() => adminConsentLink({ ...request, form: 'v1', scopes })).toThrow('one resource');
    }
  });
});

describe('the answer', () => {
  it('names the tenant, or brings a code', () => {
    const tenant = { tenant: TENANT, admin_consent: 'True' };
    expect(readConsentAnswer(tenant)).toEqual({ tenantId: TENANT.toLowerCase() });
    expect(readConsentAnswer({ code: 'c' })).toEqual({ code: 'c' });
  });

  it.each([
    [{}, 'the answer to the consent link names no tenant'],
    [{ tenant: 'contoso.com' }, 'the answer to the consent link names no tenant'],
    [{ error: 'access_denied', tenant: TENANT }, 'consent was refused: access_denied'],
  ])('%j is refused', (parameters, message) => {
    expect(() => readConsentAnswer(parameters as Record<string, string>)).toThrow(
      expect.objectContaining({ code: 'auth_failed', message }),
    );
  });

  it('keeps the number and one line of a refusal', () => {
    const parameters = {
      error: 'permission_denied',
      error_description: `AADSTS65004: No.\r\nTrace ID: x ${'y'.repeat(400)}`,
    };
    expect(() => readConsentAnswer(parameters)).toThrow(
      expect.objectContaining({
        message: 'consent was refused: permission_denied: AADSTS65004: No.',
        details: expect.objectContaining({ aadsts: 65004 }),
      }),
    );
  });
});
