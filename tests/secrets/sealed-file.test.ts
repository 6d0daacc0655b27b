import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readSealedSecrets, sealSecrets, storeKeyFromEnv } from '../../src/secrets/sealed-file.ts';

const KEY = Buffer.alloc(32, 1);

describe('readSealedSecrets', () => {
  it('opens an intact file and answers undefined for everything else', () => {
    const bytes = sealSecrets({ a: 'b' }, KEY, undefined);
    expect(readSealedSecrets(bytes, KEY)).toEqual({ a: 'b' });
    expect(readSealedSecrets(bytes, Buffer.alloc(32, 2))).toBeUndefined();
    expect(readSealedSecrets(bytes.subarray(1), KEY)).toBeUndefined();
    expect(readSealedSecrets(Buffer.from('{}'), KEY)).toBeUndefined();
  });

  it('does not take a key for the passphrase of a file, nor the other way round', () => {
    const salt = Buffer.alloc(16).toString('base64');
    const kdf = { name: 'scrypt', N: 131072, r: 8, p: 1, salt } as const;
    const sealed = JSON.parse(sealSecrets({ a: 'b' }, KEY, kdf).toString());
    expect(readSealedSecrets(Buffer.from(JSON.stringify(sealed)), KEY)).toEqual({ a: 'b' });
    const { kdf: _gone, ...bare } = sealed;
    expect(readSealedSecrets(Buffer.from(JSON.stringify(bare)), KEY)).toBeUndefined();
  });
});

describe('storeKeyFromEnv', () => {
  it('reads the variable, with white space around it', () => {
    expect(storeKeyFromEnv({ TOKENCLI_STORE_KEY: ` ${KEY.toString('base64')}\n` })).toEqual(KEY);
  });

  it('answers undefined when neither variable holds anything', () => {
    expect(storeKeyFromEnv({})).toBeUndefined();
    const empty = { TOKENCLI_STORE_KEY: '', TOKENCLI_STORE_KEY_FILE: '' };
    expect(storeKeyFromEnv(empty)).toBeUndefined();
  });

  it('does not wait for ever for somebody who writes to a pipe', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokencli-key-'));
    const file = join(folder, 'fifo');
    try {
      execFileSync('mkfifo', [file]);
      const read = (warn?: () => void) => () =>
        storeKeyFromEnv({ TOKENCLI_STORE_KEY_FILE: file }, warn);
      expect(read()).toThrow('cannot read the key file');
      expect(read(() => {})).toThrow('does not hold 32 bytes');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('does not read a device for ever', () => {
    expect(() => storeKeyFromEnv({ TOKENCLI_STORE_KEY_FILE: '/dev/zero' })).toThrow(
      'TOKENCLI_STORE_KEY_FILE does not hold 32 bytes as base64',
    );
  });
});
