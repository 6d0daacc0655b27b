import { describe, expect, it } from '@jest/globals';
import { expandHome, locatePaths, resolveUserPath } from '../../src/core/paths.ts';

describe('a leading ~, which no shell has replaced,', () => {
  it.each([
    ['~', '/home/me'],
    ['~/.tk', '/home/me/.tk'],
    ['~\\tk', '/home/me/tk'],
    ['~other/x', '~other/x'],
    ['/a/~/b', '/a/~/b'],
    ['a~', 'a~'],
  ])('in %s gives %s', (path, wanted) => {
    expect(expandHome('/home/me', path)).toBe(wanted);
    expect(locatePaths('/home/me', path).home).toBe(wanted);
  });

  it('is the home in every other path too', () => {
    const at = { userHome: '/home/me', workingFolder: '/projects' };
    expect(resolveUserPath(at, '~/c.pem')).toBe('/home/me/c.pem');
    expect(resolveUserPath(at, '~c.pem')).toBe('/projects/~c.pem');
  });
});

it('the home is ~/.tokencli unless TOKENCLI_HOME says otherwise', () => {
  expect(locatePaths('/home/me', undefined).home).toBe('/home/me/.tokencli');
  expect(locatePaths('/home/me', '').home).toBe('/home/me/.tokencli');
});
