import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { App } from '../../../src/core/ports.ts';
import { type InspectInput, inspect } from '../../../src/usecases/inspect/inspect.ts';
import * as rfc from '../../fixtures/jose-examples.ts';
import { createTestApp, type TestApp } from '../../support/test-app.ts';
import { compact } from '../../support/tokens.ts';

let test: TestApp;
beforeAll(() => {
  test = createTestApp();
});
afterAll(() => test.remove());

/** As on a terminal: stdout is one. */
async function onTerminal(token: string, input: InspectInput = {}, env = {}) {
  const app = test.app({ stdin: token, env });
  const said: string[] = [];
  const terminal: App = {
    ...app,
    io: { ...app.io, stdoutIsTty: true },
    log: { ...app.log, say: (line) => said.push(line) },
    clock: { now: () => 1300819380 - 3600 },
  };
  return { ...(await inspect(terminal, input)), said };
}

it('on a terminal JSON is coloured, and the dates are said on stderr', async () => {
  const { stdout, said } = await onTerminal(rfc.RS256);
  expect(stdout).not.toBe(rfc.JOE_CLAIMS);
  expect(stripVTControlCharacters(stdout)).toBe(rfc.JOE_CLAIMS);
  expect(said).toEqual(['expires 2011-03-22 18:43:00 UTC, 1h left', 'signature not verified']);
});

it.each([
  [{ 'no-color': true }, {}],
  [{}, { NO_COLOR: '1' }],
])('without colour with %j and %j', async (input, env) => {
  expect((await onTerminal(rfc.RS256, input, env)).stdout).toBe(rfc.JOE_CLAIMS);
});

it('a claim is raw in a pipe and harmless on a terminal', async () => {
  const token = compact({ alg: 'RS256' }, { name: 'a\u001b[2Jb' });
  const piped = await inspect(test.app({ stdin: token }), { claim: 'name' });
  expect(piped.stdout).toBe('a\u001b[2Jb\n');
  expect((await onTerminal(token, { claim: 'name' })).stdout).toBe('a\\x1b[2Jb\n');
});

it('dates beyond every calendar do no harm', async () => {
  const token = compact({ alg: 'RS256' }, '{"exp":1e300,"iat":-8.64e12,"nbf":8.64e12}');
  expect((await onTerminal(token)).said).toEqual([
    'issued -271821-04-20 00:00:00 UTC',
    'not valid before +275760-09-13 00:00:00 UTC',
    'it names no expiry',
    'signature not verified',
  ]);
});
