import { expect, it } from '@jest/globals';
import { CliError } from '../../src/core/errors.ts';
import type { App, Io } from '../../src/core/ports.ts';
import { printFailure } from '../../src/output/failure.ts';
import { createLog } from '../../src/output/log.ts';

function print(
  failure: unknown,
  json = false,
  verbosity: 'normal' | 'debug' = 'normal',
  plugin = false,
) {
  let err = '';
  const io = { writeStderr: (text: string) => (err += text) } as unknown as Io;
  const log = createLog(io, { silent: true, verbosity, interactive: false });
  log.registerSecret('hunter2-secret');
  const code = printFailure({ io, log } as unknown as App, failure, { json, plugin });
  return { code, err };
}

it('prints one line, the way out, and what support asks for', () => {
  const error = new CliError('auth_failed', 'the client secret is wrong (AADSTS7000215)', {
    hint: 'tokencli config edit -p graph',
    correlationId: 'c-1',
    traceId: 't-1',
    timestamp: '2026-01-01 00:00:00Z',
  });
  expect(print(error)).toEqual({
    code: 4,
    err:
      'tokencli: the client secret is wrong (AADSTS7000215)\n' +
      '  try: tokencli config edit -p graph\n' +
      '  correlation id c-1, trace id t-1, 2026-01-01 00:00:00Z\n',
  });
});

it('tells kubectl, which tries again and again, in one line', () => {
  const error = new CliError('auth_failed', 'the client secret is wrong', {
    hint: 'tokencli config edit -p aks',
    correlationId: 'c-1',
  });
  expect(print(error, false, 'normal', true).err).toBe(
    'tokencli: the client secret is wrong; try: tokencli config edit -p aks\n',
  );
});

it('with --json nothing reaches the terminal that it would obey or hide', () => {
  const [csi, override] = ['\u009b2J', '\u202e'];
  const error = new CliError('auth_failed', csi, { oauthError: csi, correlationId: override });
  const { err } = print(error, true);
  expect(err).toMatch(/^[\x20-\x7e]*\n$/);
  expect(JSON.parse(err)).toMatchObject({ oauthError: csi, correlationId: override });
});

it('with --json prints one object with stable names', () => {
  const error = new CliError('network', 'throttled', {
    retryable: true,
    retryAfter: 30,
    aadsts: 90055,
  });
  const { code, err } = print(error, true);
  expect(code).toBe(8);
  expect(JSON.parse(err)).toEqual({
    code: 'network',
    exitCode: 8,
    message: 'throttled',
    aadsts: 90055,
    retryable: true,
    retryAfter: 30,
  });
});

it.each([false, true])('prints no secret and no escape sequence (json: %s)', (json) => {
  const error = new CliError('auth_failed', 'said "hunter2-secret" \u001b[2J\r\n', {
    hint: 'use hunter2-secret',
  });
  const { err } = print(error, json);
  expect(err).not.toContain('hunter2-secret');
  expect(err).not.toContain('\u001b');
  expect(err.trimEnd().split('\n')).toHaveLength(json ? 1 : 2);
});

it.each([false, true])('cuts a text of the server after redacting it (json: %s)', (json) => {
  for (const length of Array.from({ length: 16 }, (_, index) => 1980 + index)) {
    const text = `${'x'.repeat(length)}hunter2-secret ${'y'.repeat(100_000)}`;
    const more = { hint: text, correlationId: text, traceId: text, timestamp: text };
    const error = new CliError('auth_failed', text, { ...more, oauthError: text });
    const { err } = print(error, json);
    expect(err).not.toContain('hunt');
    expect(err.length).toBeLessThan(12_000);
  }
});

it('says nothing more when the person interrupted', () => {
  expect(print(new CliError('interrupted', 'interrupted'))).toEqual({ code: 130, err: '' });
});

it('calls an unforeseen failure a bug, with the trace under --debug only', () => {
  const failure = new TypeError('x is not a function');
  expect(print(failure)).toEqual({
    code: 1,
    err:
      'tokencli: unexpected: x is not a function\n' +
      '  try: run again with --debug and report what it says\n',
  });
  expect(print(failure, false, 'debug').err).toContain('TypeError: x is not a function\n    at ');
});
