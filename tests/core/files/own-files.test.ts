import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { findOwnPaths, removeLeftovers } from '../../../src/core/files/own-files.ts';
import { locatePaths } from '../../../src/core/paths.ts';

const NOW = 1_800_000_000;
const LEFTOVER = '.profiles.json.0123456789ab.tmp';
const before = process.cwd();
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tokencli-own-'));
  for (const folder of ['home', 'TOKENCLI_HOME']) {
    mkdirSync(join(root, folder));
    writeFileSync(join(root, folder, LEFTOVER), '');
    utimesSync(join(root, folder, LEFTOVER), NOW - 7200, NOW - 7200);
  }
  process.chdir(root);
});
afterEach(() => {
  process.chdir(before);
  rmSync(root, { recursive: true });
});

it('leaves a folder alone that has the name of the variable', () => {
  const home = join(root, 'home');
  const paths = locatePaths('/nowhere', home);
  expect(findOwnPaths(paths)).toEqual([home]);
  removeLeftovers(paths, NOW);
  expect(existsSync(join(home, LEFTOVER))).toBe(false);
  expect(existsSync(join(root, 'TOKENCLI_HOME', LEFTOVER))).toBe(true);
});
