import { expect, it } from '@jest/globals';
import { commandLineOf } from '../../../src/usecases/config/command-line.ts';

it.each([
  [{ name: 'ci', 'send-x5c': true, force: false, flow: undefined }, 'x --name ci --send-x5c'],
  [{ scope: ['a b', "it's"] }, "x --scope 'a b' --scope 'it'\\''s'"],
  [
    { 'browser-command': ['firefox', '--new'] },
    'x --browser-command firefox --browser-command=--new',
  ],
  [{ verbose: true, profile: 'p' }, 'x'],
])('%j', (flags, expected) => {
  expect(commandLineOf('x', flags, '')).toBe(expected);
});
