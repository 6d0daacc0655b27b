import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openVault } from '../../../src/secrets/vault.ts';
import { driverCommand, ENGINES } from '../../support/drivers.ts';
import { openKeyringOf } from '../../support/keyring-client.ts';
import {
  type KeyringSession,
  type KeyringState,
  LOCKED_ACCOUNT,
  startKeyringSession,
} from '../../support/keyring-session.ts';
import { createTemporaryFolder } from '../../support/store-app.ts';

/** What a text file may take for something else: line ends, blanks, backslashes, headings, quotes. */
const DIFFICULT = [
  '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n',
  ' blanks in front and behind ',
  'C:\\new\\table\\s',
  'a\r\n[keyring]\nlock-on-idle=true\n[1]\nsecret=theirs\n',
  '"quoted", #not a comment; \t\u0000\u001b grüße 😀',
  '-----BEGIN CERTIFICATE-----\n'.repeat(60),
  '',
];

const folder = createTemporaryFolder();
let session: KeyringSession;

afterEach(() => session?.stop());
afterAll(() => folder.remove());

function secretTool(args: readonly string[], input = ''): string {
  const env = { ...process.env, ...session.env };
  return execFileSync('secret-tool', args, { env, input, encoding: 'utf8' });
}

describe.each(ENGINES)('a keyring asked by %s', (engine) => {
  let command: readonly string[];
  beforeAll(() => {
    command = driverCommand('keyring', engine, folder.path);
  });

  const start = async (state: KeyringState) => {
    session = await startKeyringSession(state);
    return openVault(openKeyringOf(command, folder.path, session.env));
  };

  it('that has no password can read its file again, whatever it was given', async () => {
    const before = await start('passwordless');
    secretTool(['store', '--label=other', 'app', 'browser'], "the browser's key");
    const ids: string[] = [];
    for (const value of DIFFICULT) ids.push(await before.save('certificate', value));
    session = await session.restart('passwordless');
    expect(secretTool(['lookup', 'app', 'browser'])).toBe("the browser's key");
    const vault = openVault(openKeyringOf(command, folder.path, session.env));
    for (const [index, id] of ids.entries()) {
      expect(await vault.read('certificate', id)).toBe(DIFFICULT[index]);
    }
  });

  it('takes, gives and removes values while another of its collections is locked', async () => {
    const vault = await start('locked-beside');
    const [short, long] = ['short', 'x\n'.repeat(800)];
    for (const value of [short, long]) {
      const id = await vault.save('certificate', value);
      expect(await vault.read('certificate', id)).toBe(value);
      await vault.remove('certificate', id);
      for (const account of [`certificate:${id}`, `certificate:${id}#1`]) {
        const words = ['lookup', 'service', 'tokencli', 'username', account];
        expect(() => secretTool(words)).toThrow('secret-tool');
      }
    }
    // what cannot be seen is not proven absent
    const store = openKeyringOf(command, folder.path, session.env);
    await expect(store.list()).rejects.toThrow('the OS keyring is locked');
    await expect(store.get('certificate:other')).rejects.toThrow('the OS keyring is locked');
    await expect(store.get(LOCKED_ACCOUNT)).rejects.toThrow('the OS keyring is locked');
  });
});
