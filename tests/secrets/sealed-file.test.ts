import { describe, expect, it } from '@jest/globals';
import { openSealedByKey } from '../../src/secrets/sealed-by-key.ts';
import { openEnvelope, parseEnvelope, sealSecrets } from '../../src/secrets/sealed-file.ts';

const KEY = Buffer.alloc(32, 1);

const SALT = Buffer.alloc(16).toString('base64');
const KDF = { name: 'scrypt', N: 131072, r: 8, p: 1, salt: SALT } as const;

describe('openSealedByKey', () => {
  it('opens an intact file and answers undefined for everything else', () => {
    const bytes = sealSecrets({ a: 'b' }, KEY, undefined);
    expect(openSealedByKey(bytes, KEY)).toEqual({ a: 'b' });
    expect(openSealedByKey(bytes, Buffer.alloc(32, 2))).toBeUndefined();
    expect(openSealedByKey(bytes.subarray(1), KEY)).toBeUndefined();
    expect(openSealedByKey(Buffer.from('{}'), KEY)).toBeUndefined();
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(openSealedByKey(changed, KEY)).toBeUndefined();
    }
  });

  it('does not take a key for the passphrase of a file, nor the other way round', () => {
    const bytes = sealSecrets({ a: 'b' }, KEY, KDF);
    expect(openEnvelope(parseEnvelope(bytes), KEY)).toEqual({ a: 'b' });
    expect(openSealedByKey(bytes, KEY)).toBeUndefined();
    const { kdf: _gone, ...bare } = JSON.parse(bytes.toString());
    const without = Buffer.from(JSON.stringify(bare));
    expect(openEnvelope(parseEnvelope(without), KEY)).toBeUndefined();
    expect(openSealedByKey(without, KEY)).toBeUndefined();
  });
});
