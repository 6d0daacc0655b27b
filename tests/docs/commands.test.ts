import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findCommand } from '../../src/cli/find-command.ts';
import { readLine } from '../../src/cli/read-line.ts';
import type { AnyCommand, CommandGroup } from '../../src/commands/command.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { followScript } from './follow.ts';
import { readPages, scriptOf } from './page.ts';
import { codeInProse, commandsInBlocks, readWords } from './shown-commands.ts';
import { createWorld, type World } from './world.ts';

const pages = readPages().filter(({ path }) => path === 'README.md' || path.startsWith('docs/'));
const scripts = pages.flatMap((page) => {
  const script = scriptOf(page);
  return script === undefined ? [] : [{ path: page.path, script }];
});

describe('what the pages show', () => {
  it.each(pages)('$path: commands that tokencli takes', (page) => {
    const wrong = commandsInBlocks(page).flatMap(({ place, words }) => {
      const { request } = readLine(words, COMMANDS);
      return 'mistake' in request ? [`${place}: ${request.mistake.message}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  it.each(pages)('$path: options and commands that exist, in the text', (page) => {
    const wrong = codeInProse(page).filter(({ text }) => !exists(text));
    expect(wrong).toEqual([]);
  });
});

describe('who follows a page to its end', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());

  it.each(scripts)('$path: succeeds', async ({ script }) => {
    const { code, err } = await followScript(world, script);
    if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
  });
});

/** Options of other programs that the text mentions. */
const FOREIGN = ['--ignore-scripts', '--sign', '--json-auth', '--sdk-auth'];

/** True also for code that is no command line of tokencli. */
function exists(text: string): boolean {
  const [first = '', ...words] = readWords(text);
  if (first.startsWith('--') && !first.endsWith('…'))
    return FOREIGN.includes(first) || isOption(first, COMMANDS);
  if (first !== 'tokencli') return true;
  const { entry, line } = findCommand(words, COMMANDS);
  const names = entry !== undefined || /^[A-Z-]/.test(words[0] ?? '-');
  return names && line.options.every(({ option }) => option);
}

function isOption(typed: string, table: readonly (AnyCommand | CommandGroup)[]): boolean {
  return table.some((entry) => {
    if ('children' in entry) return isOption(typed, entry.children);
    const { line } = findCommand([entry.name, typed], [entry]);
    return line.options.every(({ option }) => option);
  });
}
