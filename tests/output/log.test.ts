import { expect, it } from '@jest/globals';
import type { Io, Style } from '../../src/core/ports.ts';
import { createLog, type LogOptions } from '../../src/output/log.ts';

function talkTo(options: Partial<LogOptions>) {
  let err = '';
  const io = { writeStderr: (text: string) => (err += text) } as unknown as Io;
  const log = createLog(io, {
    silent: false,
    verbosity: 'normal',
    interactive: true,
    ...options,
  });
  return { log, said: () => err };
}

function sayEverything(options: Partial<LogOptions>): string {
  const { log, said } = talkTo(options);
  log.say('line');
  log.done('done');
  log.warn('careful');
  log.verbose('more');
  log.debug('most');
  return said();
}

it.each([
  ['normal', 'line\n✓ done\nwarning: careful\n'],
  ['verbose', 'line\n✓ done\nwarning: careful\nmore\n'],
  ['debug', 'line\n✓ done\nwarning: careful\nmore\nmost\n'],
] as const)('%s', (verbosity, text) => {
  expect(sayEverything({ verbosity })).toBe(text);
});

it('prints one line whatever is in it, and cuts it', () => {
  const { log, said } = talkTo({ verbosity: 'debug' });
  for (const method of ['say', 'done', 'warn', 'verbose', 'debug'] as const) {
    log[method](`for ada\ntokencli: signed in\r\n  try: this ${'x'.repeat(3000)}`);
  }
  const lines = said().trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  for (const line of lines) {
    expect(line).toContain('for ada\\ntokencli: signed in\\r\\n  try: this xxx');
  }
  expect(lines.filter((line) => line.length > 2050)).toEqual([]);
});

it('does not cut a link', () => {
  const { log, said } = talkTo({});
  const link = `https://login.example/?claims=${'x'.repeat(3000)}`;
  log.say(link);
  expect(said()).toBe(`${link}\n`);
});

it('cuts a line after it was redacted, so that no half of a secret is left', () => {
  const { log, said } = talkTo({});
  log.registerSecret('hunter2-and-more');
  log.warn(`${'x'.repeat(1985)}hunter2-and-more`);
  expect(said()).not.toContain('hunt');
});

it('keeps human lines back until released, and never what was asked for', () => {
  const { log, said } = talkTo({ hold: true, verbosity: 'verbose' });
  log.say('line');
  log.warn('careful');
  log.verbose('more');
  expect(said()).toBe('more\n');
  log.release();
  log.done('done');
  expect(said()).toBe('more\nline\nwarning: careful\n✓ done\n');
});

it('--silent says nothing and asks nothing', () => {
  expect(sayEverything({ silent: true })).toBe('');
  expect(talkTo({ silent: true }).log.interactive).toBe(false);
});

it('neither speaks nor asks once another program has the terminal', () => {
  const { log, said } = talkTo({ verbosity: 'debug' });
  expect(log.interactive).toBe(true);
  expect(log.hasTerminal).toBe(true);
  log.leaveTerminal();
  expect(log.hasTerminal).toBe(false);
  for (const method of ['say', 'done', 'warn', 'verbose', 'debug'] as const) log[method]('line');
  expect([said(), log.interactive]).toEqual(['', false]);
});

it('hides what it was told to registerSecret, and colours only what it wrote itself', () => {
  const mark = (text: string) => `<${text}>`;
  const style = { green: mark, yellow: mark, dim: mark } as unknown as Style;
  const { log, said } = talkTo({ style });
  log.registerSecret('hunter2');
  log.done('saved hunter2\u001b[1m');
  expect(said()).toBe('<✓ saved [redacted]\\x1b[1m>\n');
});
