import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fingerprintFile } from '../../src/core/file-fingerprint.ts';
import { profileDigest } from '../../src/profiles/digest.ts';
import { isInDigestIndex, writeDigestIndex } from '../../src/profiles/digest-index.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const COUNT = 1000;
let test: TestApp;
let index: string;

const profileOf = (number: number) => ({
  name: `Profile-${number}`,
  clientId: `client-${number}`,
  tenantId: 'contoso.com',
  scopes: ['https://graph.microsoft.com/.default'],
});

beforeEach(async () => {
  test = createTestApp();
  index = test.app().paths.profilesIndex;
  test.writeProfiles({ profiles: Array.from({ length: COUNT }, (_, number) => profileOf(number)) });
  await edit('Profile-7');
});
afterEach(() => test.remove());

async function edit(name: string): Promise<void> {
  const { code, err } = await test.cli([
    'config',
    'edit',
    '-p',
    name,
    '--login-hint',
    'me@a.example',
  ]);
  expect([code, err]).toEqual([0, expect.not.stringContaining('tokencli:')]);
}

function isKnown(profile: { name: string }, store?: string): boolean {
  const mark = fingerprintFile(test.profilesPath) ?? '';
  return isInDigestIndex(index, { mark, store }, profile.name, profileDigest(profile));
}

describe('the index beside a large profiles.json', () => {
  it('knows every profile as it stands there, and no other wording of it', () => {
    expect(isKnown(profileOf(0))).toBe(true);
    expect(isKnown(profileOf(COUNT - 1))).toBe(true);
    expect(isKnown(profileOf(7))).toBe(false);
    expect(isKnown({ ...profileOf(7), loginHint: 'me@a.example' } as { name: string })).toBe(true);
    expect(isKnown({ ...profileOf(0), name: 'Profile-1' })).toBe(false);
    expect(isKnown(profileOf(COUNT))).toBe(false);
  });

  it('is closed to others', () => {
    expect(statSync(index).mode & 0o777).toBe(0o600);
  });

  it.each<[string, () => void]>([
    ['was edited by hand', () => writeFileSync(test.profilesPath, `${test.text()} `)],
    ['was touched', () => utimesSync(test.profilesPath, 1, 1)],
    ['has an index that is cut', () => writeFileSync(index, readFileSync(index).subarray(0, 20))],
    ['has an empty index', () => writeFileSync(index, '')],
  ])('is not believed when the file %s', (_title, change) => {
    change();
    expect(isKnown(profileOf(0))).toBe(false);
  });

  it('is not believed for another store', () => {
    expect(isKnown(profileOf(0), 'file')).toBe(false);
  });

  it('is not written for a text that the file does not hold', () => {
    const before = readFileSync(index);
    writeDigestIndex(index, test.profilesPath, `${test.text()} `, { profiles: [] });
    expect(readFileSync(index)).toEqual(before);
  });

  it('goes when the file is small', async () => {
    test.writeProfiles({ profiles: [profileOf(0)] });
    await edit('Profile-0');
    expect(existsSync(index)).toBe(false);
  });
});
