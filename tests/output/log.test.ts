import { expect, it } from '@jest/globals';
import type { Io, Style } from '../../src/core/ports.ts';
import { createTalk, type TalkOptions } from '../../src/output/log.ts';

function talkTo(options: Partial<TalkOptions>) {
  let err = '';
  const io = { writeStderr: (text: string) => (err += text) } as unknown as Io;
  const talk = createTalk(io, {
    silent: false,
    verbosity: 'normal',
    interactive: true,
    ...options,
  });
  return { talk, said: () => err };
}

function sayEverything(options: Partial<TalkOptions>): string {
  const { talk, said } = talkTo(options);
  talk.say('line');
  talk.done('done');
  talk.warn('careful');
  talk.verbose('more');
  talk.debug('most');
  return said();
}

it.each([
  ['normal', 'line\n✓ done\nwarning: careful\n'],
  ['verbose', 'line\n✓ done\nwarning: careful\nmore\n'],
  ['debug', 'line\n✓ done\nwarning: careful\nmore\nmost\n'],
] as const)('%s', (verbosity, text) => {
  expect(sayEverything({ verbosity })).toBe(text);
});

it('keeps human lines back until released, and never what was asked for', () => {
  const { talk, said } = talkTo({ hold: true, verbosity: 'verbose' });
  talk.say('line');
  talk.warn('careful');
  talk.verbose('more');
  expect(said()).toBe('more\n');
  talk.release();
  talk.done('done');
  expect(said()).toBe('more\nline\nwarning: careful\n✓ done\n');
});

it('--silent says nothing and asks nothing', () => {
  expect(sayEverything({ silent: true })).toBe('');
  expect(talkTo({ silent: true }).talk.interactive).toBe(false);
});

it('hides what it was told to hide, and colours only what it wrote itself', () => {
  const mark = (text: string) => `<${text}>`;
  const style = { green: mark, yellow: mark, dim: mark } as unknown as Style;
  const { talk, said } = talkTo({ style });
  talk.hide('hunter2');
  talk.done('saved hunter2\u001b[1m');
  expect(said()).toBe('<✓ saved [redacted]\\x1b[1m>\n');
});
