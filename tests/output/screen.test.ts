import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { createScreen } from '../../src/output/screen.ts';
import { createRandom } from '../support/random.ts';
import { createTinyTerminal } from '../support/tiny-terminal.ts';

function open(columns?: number) {
  const terminal = createTinyTerminal(columns);
  const texts: string[] = [];
  const screen = createScreen((text) => {
    texts.push(text);
    terminal.write(text);
    // a kill between two texts must leave nothing behind
    expect(terminal.isSane()).toBe(true);
  });
  return { terminal, screen, texts };
}

it('keeps the status below what is said, and takes it away', () => {
  const { terminal, screen } = open();
  screen.write('one\n');
  screen.showStatus('waiting 2');
  screen.write('two\nthree\n');
  expect(terminal.lines()).toEqual(['one', 'two', 'three', 'waiting 2']);
  screen.showStatus('1');
  expect(terminal.lines()).toEqual(['one', 'two', 'three', '1']);
  screen.showStatus(undefined);
  expect(terminal.lines()).toEqual(['one', 'two', 'three']);
});

it('does not draw into a line that goes on, such as a question', () => {
  const { terminal, screen } = open();
  screen.write('? Name ');
  screen.showStatus('waiting');
  screen.write('graph');
  expect(terminal.lines()).toEqual(['? Name graph']);
  screen.write('\n');
  expect(terminal.lines()).toEqual(['? Name graph', 'waiting']);
});

it('cuts a status that is wider than the terminal', () => {
  const { terminal, screen } = open(10);
  screen.showStatus('0123456789abcdef');
  expect(terminal.lines()).toEqual(['012345678f']);
  screen.write('a line that wraps\n');
  screen.showStatus(undefined);
  expect(terminal.lines()).toEqual(['a line tha', 't wraps']);
});

it('writes what it is given, and nothing else, without a status', () => {
  const { screen, texts } = open();
  screen.showStatus(undefined);
  screen.write('a');
  screen.write('\u001b[31mb\n');
  expect(texts).toEqual(['a', '\u001b[31mb\n']);
});

it('never garbles a line, in whatever order things come', () => {
  const seed = randomBytes(4).readUInt32LE();
  const random = createRandom(seed);
  for (let round = 0; round < 300; round += 1) {
    const { terminal, screen } = open();
    const plain = createTinyTerminal();
    for (let step = 0; step < 20; step += 1) {
      const text = `said ${step}${random(10) < 7 ? '\n' : ''}`;
      if (random(10) < 4) screen.showStatus(`status ${'#'.repeat(random(20))}`);
      else if (random(10) < 2) screen.showStatus(undefined);
      else {
        screen.write(text);
        plain.write(text);
      }
    }
    screen.showStatus(undefined);
    expect({ seed, lines: terminal.lines() }).toEqual({ seed, lines: plain.lines() });
  }
});
