import { describe, expect, it } from '@jest/globals';
import type { CliError } from '../../src/core/errors.ts';
import { readCode, readPasted } from '../../src/flows/redirect-answer.ts';

const STATE = 'the-state';

function refused(parameters: Record<string, string>, issuer?: string): CliError {
  try {
    readCode(parameters, issuer);
  } catch (error) {
    return error as CliError;
  }
  throw new Error('it was accepted');
}

describe('readCode', () => {
  it('takes the code, from the issuer that was asked', () => {
    expect(readCode({ code: 'abc', state: STATE }, undefined)).toBe('abc');
    expect(readCode({ code: 'abc', iss: 'https://one' }, 'https://one')).toBe('abc');
  });

  it('takes the code of any tenant, where many were asked', () => {
    const iss = 'https://one/11111111-1111-4111-8111-111111111111/v2.0';
    expect(readCode({ code: 'abc', iss }, 'https://one/{tenantid}/v2.0')).toBe('abc');
    const other = iss.replace('one', 'two');
    expect(refused({ code: 'abc', iss: other }, 'https://one/{tenantid}/v2.0').code).toBe(
      'auth_failed',
    );
  });

  it.each(['https://two', 'https://one/', ''])('refuses the answer of issuer %p', (iss) => {
    expect(refused({ code: 'abc', iss }, 'https://one').code).toBe('auth_failed');
  });

  it('passes on what was refused', () => {
    const error = refused({
      error: 'access_denied',
      error_description: 'AADSTS65004: User declined to consent\r\nTrace ID: x',
    });
    expect(error).toMatchObject({
      code: 'auth_failed',
      details: { aadsts: 65004, oauthError: 'access_denied' },
    });
    expect(refused({ error: 'interaction_required' }).code).toBe('interaction_required');
    expect(refused({}).message).toContain('no authorization code');
    expect(refused({ code: 'a b' }).message).toContain('no authorization code');
  });
});

describe('readPasted', () => {
  it.each([
    `http://localhost:8080/?code=abc&state=${STATE}`,
    `  https://app.example/callback?state=${STATE}&code=abc&session_state=1 `,
    `http://localhost:8080/#code=abc&state=${STATE}`,
    `"http://localhost:8080/?code=abc&state=${STATE}"`,
    `<http://localhost:8080/?code=abc&state=${STATE}>`,
    `localhost:8080/?code=abc&state=${STATE}`,
    `com.example.app:/callback?code=abc&state=${STATE}`,
  ])('takes the address %s', (address) => {
    expect(readPasted(address, STATE)).toMatchObject({ code: 'abc', state: STATE });
  });

  it('takes an error that came back', () => {
    const address = `http://localhost:8080/?error=access_denied&state=${STATE}`;
    expect(readPasted(address, STATE)).toMatchObject({ error: 'access_denied' });
  });

  it.each([
    ['1.AXoA-0123456789_abcdef', '1.AXoA-0123456789_abcdef'],
    [" '1.AXoA-0123456789_abcdef' ", '1.AXoA-0123456789_abcdef'],
    ['4%2F0AdLIrYe0123456789', '4/0AdLIrYe0123456789'],
    ['M.C559_BAY.2.U.0123456789%21abc*%24', 'M.C559_BAY.2.U.0123456789!abc*$'],
    ['aPrx0123456789abcdef%3D%3D', 'aPrx0123456789abcdef=='],
    ['0123456789abcdef+/==', '0123456789abcdef+/=='],
    ['0123456789abcdef%', '0123456789abcdef%'],
  ])('takes the bare code %p as it was before it came into an address', (text, code) => {
    expect(readPasted(text, STATE)).toEqual({ code });
  });

  it.each([
    ['http://localhost:8080/?code=abc', 'another sign-in'],
    ['http://localhost:8080/?code=abc&state=other', 'another sign-in'],
    [`http://localhost:8080/?code=abc&state=${STATE}&state=${STATE}`, 'another sign-in'],
    [`http://localhost:8080/?state=${STATE}`, 'no authorization code'],
    ['', 'whole address'],
    ['abc', 'whole address'],
    [`http://localhost:8080/?code=abc&code=abcd&state=${STATE}`, 'another sign-in'],
    ['localhost:8080/?code=0123456789abcdef', 'another sign-in'],
    ['code=0123456789abcdef&state=x', 'whole address'],
    ['code=0123456789abcdef', 'whole address'],
    ['/?code=0123456789abcdef', 'whole address'],
    [encodeURIComponent(`http://localhost:8080/?code=abc&state=${STATE}`), 'whole address'],
    ['with blanks 0123456789abcdef', 'whole address'],
  ])('says what is wrong with %p', (text, problem) => {
    expect(readPasted(text, STATE)).toContain(problem);
  });
});
