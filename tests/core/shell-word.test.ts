import { afterEach, expect, it } from '@jest/globals';
import { shellWord } from '../../src/core/shell-word.ts';

const geteuid = process.geteuid;
afterEach(() => setUser(geteuid));

function setUser(value: typeof geteuid): void {
  Object.defineProperty(process, 'geteuid', { value, configurable: true });
}

it.each([
  { text: 'a,b', posix: 'a,b', windows: "'a,b'" },
  {
    text: 'C:\\Users\\me\\t.txt',
    posix: "'C:\\Users\\me\\t.txt'",
    windows: 'C:\\Users\\me\\t.txt',
  },
  { text: "it's", posix: "'it'\\''s'", windows: "'it''s'" },
  { text: 'x’;calc', posix: "'x’;calc'", windows: "'x’’;calc'" },
  { text: '$(calc)', posix: "'$(calc)'", windows: "'$(calc)'" },
  { text: '@args', posix: '@args', windows: "'@args'" },
  { text: '', posix: "''", windows: "''" },
])('quotes $text for the shell of the system', ({ text, posix, windows }) => {
  expect(shellWord(text)).toBe(posix);
  setUser(undefined);
  expect(shellWord(text)).toBe(windows);
});
