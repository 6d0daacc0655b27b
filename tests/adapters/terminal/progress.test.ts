import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { createProgress } from '../../../src/adapters/terminal/progress.ts';
import type { App, Env } from '../../../src/core/ports.ts';

let shown: (string | undefined)[];
let ends: (() => unknown)[];
beforeEach(() => {
  jest.useFakeTimers();
  shown = [];
  ends = [];
});
afterEach(() => {
  jest.useRealTimers();
});

function progress(env: Env = {}, { tty = true, silent = false } = {}) {
  return createProgress({
    io: {
      stderrIsTty: tty,
      showStatus: (line: string | undefined) => shown.push(line),
    },
    env,
    log: { silent, redact: (text: string) => text.replace('hunter2', '[redacted]') },
    atEnd: (cleanUp: () => unknown) => ends.push(cleanUp),
  } as unknown as App);
}

it('draws at once and every second, until it is stopped', () => {
  let left = 3;
  const stop = progress().start(() => `Waiting... ${left--}s`);
  jest.advanceTimersByTime(2100);
  stop();
  stop();
  jest.advanceTimersByTime(5000);
  expect(shown).toEqual(['Waiting... 3s', 'Waiting... 2s', 'Waiting... 1s', undefined]);
});

it('takes the line away at the end of the run, whoever forgot it', () => {
  progress().start(() => 'Waiting...');
  for (const end of ends) end();
  jest.advanceTimersByTime(5000);
  expect(shown).toEqual(['Waiting...', undefined]);
});

it('shows neither secrets nor control sequences', () => {
  progress().start(() => 'for hunter2\u001b[2J\nnext\r');
  expect(shown).toEqual(['for [redacted]\\x1b[2J\\nnext\\r']);
});

it.each([
  ['where stderr is no terminal', {}, { tty: false }],
  ['with --silent', {}, { silent: true }],
  ['in CI', { CI: '1' }, {}],
  ['on a terminal that knows no control sequences', { TERM: 'dumb' }, {}],
])('does nothing %s', (_name, env, where) => {
  const stop = progress(env, where).start(() => 'Waiting...');
  jest.advanceTimersByTime(5000);
  stop();
  expect(shown).toEqual([]);
});
