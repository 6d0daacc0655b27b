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
  ])('takes the address %s', (address) => {
    expect(readPasted(address, STATE)).toMatchObject({ code: 'abc', state: STATE });
  });

  it('takes an error that came back', () => {
    const address = `http://localhost:8080/?error=access_denied&state=${STATE}`;
    expect(readPasted(address, STATE)).toMatchObject({ error: 'access_denied' });
  });

  it('takes the bare code', () => {
    expect(readPasted('1.AXoA-0123456789_abcdef', STATE)).toEqual({
      code: '1.AXoA-0123456789_abcdef',
    });
  });

  it.each([
    ['http://localhost:8080/?code=abc', 'another sign-in'],
    ['http://localhost:8080/?code=abc&state=other', 'another sign-in'],
    [`http://localhost:8080/?code=abc&state=${STATE}&state=${STATE}`, 'another sign-in'],
    [`http://localhost:8080/?state=${STATE}`, 'no authorization code'],
    ['', 'whole address'],
    ['abc', 'whole address'],
    ['code=0123456789abcdef&state=x', 'whole address'],
    ['with blanks 0123456789abcdef', 'whole address'],
  ])('says what is wrong with %p', (text, problem) => {
    expect(readPasted(text, STATE)).toContain(problem);
  });
});
