import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { EXIT_CODES } from '../src/core/errors.ts';

const read = (name: string) => readFileSync(name, 'utf8');

describe('CONTRIBUTING.md', () => {
  it('names only what exists', () => {
    const paths = read('CONTRIBUTING.md').match(/\b(?:src|tests|scripts)\/[\w./-]*/g) ?? [];
    expect(paths.length).toBeGreaterThan(40);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe('README.md', () => {
  it('links only to what exists', () => {
    const links = [...read('README.md').matchAll(/\]\((?!https:)([^)#]+)\)/g)].map(([, to]) => to);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((to) => !existsSync(to ?? ''))).toEqual([]);
  });

  it('prints the exit codes as the code has them', () => {
    const rows = [...read('README.md').matchAll(/^\| (\d+) +\| (\w+) +\| (.*?) +\|$/gm)];
    expect(rows.map(([, code, name, when]) => [name, { code: Number(code), when }])).toEqual(
      Object.entries(EXIT_CODES),
    );
  });

  it('names only flags that the code knows', () => {
    const text = read('README.md');
    const flags = [...new Set(text.match(/(?<![\w-])--[a-z][a-z-]+(?=[\s`)])/g))];
    const sources = readdirSync('src/commands');
    const code = sources.map((name) => read(`src/commands/${name}`)).join('\n');
    const foreign = ['--ignore-scripts', '--peer', '--version', '--sign'];
    const known = (flag: string) =>
      foreign.includes(flag) || new RegExp(`['\\s]${flag.slice(2)}'?:`).test(code);
    expect(flags.filter((flag) => !known(flag) && flag !== '--help')).toEqual([]);
  });
});
