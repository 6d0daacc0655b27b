import { describe, expect, it } from '@jest/globals';
import { CliError } from '../../src/core/errors.ts';
import { openEnvelope, parseEnvelope, sealSecrets } from '../../src/secrets/sealed-file.ts';

const KEY = Buffer.alloc(32, 1);

const SALT = Buffer.alloc(16).toString('base64');
const KDF = { name: 'scrypt', N: 131072, r: 8, p: 1, salt: SALT } as const;

/** Undefined for a file that is damaged, and for one that this key does not open. */
function open(bytes: Buffer, key = KEY) {
  try {
    return openEnvelope(parseEnvelope(bytes), key);
  } catch (error) {
    if (error instanceof CliError && error.code === 'invalid_data') return undefined;
    throw error;
  }
}

describe('the sealed file', () => {
  it.each([
    ['a key', undefined],
    ['a passphrase', KDF],
  ])('with %s opens as it was written and in no other way', (_what, kdf) => {
    const bytes = sealSecrets({ a: 'b' }, KEY, kdf);
    expect(open(bytes)).toEqual({ a: 'b' });
    expect(open(bytes, Buffer.alloc(32, 2))).toBeUndefined();
    expect(open(bytes.subarray(1))).toBeUndefined();
    expect(open(Buffer.from('{}'))).toBeUndefined();
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(open(changed)).toBeUndefined();
    }
  });

  it('does not take a key for the passphrase of a file, nor the other way round', () => {
    const bytes = sealSecrets({ a: 'b' }, KEY, KDF);
    const { kdf: _gone, ...bare } = JSON.parse(bytes.toString());
    expect(open(Buffer.from(JSON.stringify(bare)))).toBeUndefined();
    const { format, version, sealed } = JSON.parse(sealSecrets({}, KEY, undefined).toString());
    const withKdf = Buffer.from(JSON.stringify({ format, version, kdf: KDF, sealed }));
    expect(open(withKdf)).toBeUndefined();
  });
});
