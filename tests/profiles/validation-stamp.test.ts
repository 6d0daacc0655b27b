import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readProfiles } from '../../src/profiles/store.ts';
import { openValidationStamp } from '../../src/profiles/validation-stamp.ts';

const GOOD = { profiles: [{ name: 'good', clientId: 'app' }] };
const BAD = { profiles: [...GOOD.profiles, { name: 'bad', clientId: '' }] };

let folder: string;
let path: string;
let notePath: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-note-'));
  path = join(folder, 'profiles.json');
  notePath = join(folder, 'profiles.valid');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (content: object) => writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
/** Which profiles are valid, and which are not, by their names. */
function read() {
  const { profiles, broken } = readProfiles(path, openValidationStamp(notePath));
  return { valid: profiles.map(({ name }) => name), broken: broken.map(({ name }) => name) };
}

describe('the note that profiles.json is valid', () => {
  it('is kept once, private, and changes nothing of what is read', () => {
    write(GOOD);
    const first = readProfiles(path, openValidationStamp(notePath));
    const { ino, mode } = statSync(notePath);
    expect((mode & 0o777).toString(8)).toBe('600');
    const { digestOf: _one, ...before } = first;
    const { digestOf: _other, ...after } = readProfiles(path, openValidationStamp(notePath));
    expect(after).toEqual(before);
    expect(statSync(notePath).ino).toBe(ino);
  });

  it('is believed: that is what it is for', () => {
    write(BAD);
    openValidationStamp(notePath).keep(readFileSync(path));
    expect(read()).toEqual({ valid: ['good', 'bad'], broken: [] });
  });

  it('is not kept of a file with a broken profile, two of one name, or a wrong head', () => {
    write(BAD);
    expect(read()).toEqual({ valid: ['good'], broken: ['bad'] });
    write({ profiles: [...GOOD.profiles, { name: 'GOOD', clientId: 'other' }] });
    expect(read()).toEqual({ valid: [], broken: ['good', 'GOOD'] });
    write({ ...GOOD, store: 'elsewhere' });
    expect(read).toThrow('store');
    expect(existsSync(notePath)).toBe(false);
  });

  it('is about these bytes only', () => {
    write(GOOD);
    read();
    write(BAD);
    expect(read()).toEqual({ valid: ['good'], broken: ['bad'] });
  });

  it.each<[string, (sound: string) => void]>([
    ['cut', (sound) => writeFileSync(notePath, sound.slice(0, 10))],
    ['empty', () => writeFileSync(notePath, '')],
    [
      'of other rules',
      (sound) =>
        writeFileSync(
          notePath,
          sound.replace(/^./, (c) => (c === '0' ? '1' : '0')),
        ),
    ],
    ['longer', (sound) => writeFileSync(notePath, `${sound}${'x'.repeat(300)}`)],
  ])('is written anew when it is %s', (_what, spoil) => {
    write(GOOD);
    read();
    const sound = readFileSync(notePath, 'utf8');
    spoil(sound);
    expect(openValidationStamp(notePath).matches(readFileSync(path))).toBe(false);
    expect(read()).toEqual({ valid: ['good'], broken: [] });
    expect(readFileSync(notePath, 'utf8')).toBe(sound);
  });

  it('is no reason to fail where it cannot be kept', () => {
    write(GOOD);
    const elsewhere = openValidationStamp(join(path, 'profiles.valid'));
    expect(readProfiles(path, elsewhere).profiles).toHaveLength(1);
  });
});
