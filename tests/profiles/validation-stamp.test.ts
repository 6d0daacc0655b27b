import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readProfiles } from '../../src/profiles/store.ts';
import { isStamped, writeStamp } from '../../src/profiles/validation-stamp.ts';
import { appId } from '../support/app-id.ts';

declare const TOKENCLI_VERSION: string;

const GOOD = { profiles: [{ name: 'good', clientId: appId('app') }] };
const BAD = { profiles: [...GOOD.profiles, { name: 'bad', clientId: '' }] };

let folder: string;
let path: string;
let notePath: string;
let paths: Parameters<typeof readProfiles>[0];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokencli-note-'));
  path = join(folder, 'profiles.json');
  notePath = join(folder, 'profiles.valid');
  paths = { profiles: path, validationStamp: notePath };
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (content: object) => writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
/** Which profiles are valid, and which are not, by their names. */
async function read() {
  const { profiles, broken } = await readProfiles(paths);
  return { valid: profiles.map(({ name }) => name), broken: broken.map(({ name }) => name) };
}

describe('the note that profiles.json is valid', () => {
  it('is kept once, private, and changes nothing of what is read', async () => {
    write(GOOD);
    const first = await readProfiles(paths);
    const { ino, mode } = statSync(notePath);
    expect((mode & 0o777).toString(8)).toBe('600');
    expect(await readProfiles(paths)).toEqual(first);
    expect(statSync(notePath).ino).toBe(ino);
  });

  it('is believed: that is what it is for', async () => {
    write(BAD);
    writeStamp(notePath, readFileSync(path));
    expect(await read()).toEqual({ valid: ['good', 'bad'], broken: [] });
  });

  it('is not kept of a file with a broken profile, two of one name, or a wrong head', async () => {
    write(BAD);
    expect(await read()).toEqual({ valid: ['good'], broken: ['bad'] });
    write({ profiles: [...GOOD.profiles, { name: 'GOOD', clientId: appId('other') }] });
    expect(await read()).toEqual({ valid: [], broken: ['good', 'GOOD'] });
    write({ ...GOOD, store: 'elsewhere' });
    await expect(read()).rejects.toThrow('store');
    expect(existsSync(notePath)).toBe(false);
  });

  it('is about these bytes only', async () => {
    write(GOOD);
    await read();
    write(BAD);
    expect(await read()).toEqual({ valid: ['good'], broken: ['bad'] });
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
    [
      'of the same version before client ids were GUIDs',
      () => {
        const hash = createHash('sha256').update(`${TOKENCLI_VERSION}\n`);
        writeFileSync(notePath, `${hash.update(readFileSync(path)).digest('hex')}\n`);
      },
    ],
    ['longer', (sound) => writeFileSync(notePath, `${sound}${'x'.repeat(300)}`)],
  ])('is written anew when it is %s', async (_what, spoil) => {
    write(GOOD);
    await read();
    const sound = readFileSync(notePath, 'utf8');
    spoil(sound);
    expect(isStamped(notePath, readFileSync(path))).toBe(false);
    expect(await read()).toEqual({ valid: ['good'], broken: [] });
    expect(readFileSync(notePath, 'utf8')).toBe(sound);
  });

  it('is no reason to fail where it cannot be kept', async () => {
    write(GOOD);
    const elsewhere = { ...paths, validationStamp: join(path, 'profiles.valid') };
    expect((await readProfiles(elsewhere)).profiles).toHaveLength(1);
  });
});
