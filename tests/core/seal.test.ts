import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { seal, unseal } from '../../src/core/seal.ts';

const key = randomBytes(32);
const plain = Buffer.from('the quick brown fox');

it('opens what it sealed, under the same words only', () => {
  const sealed = seal(key, plain, 'v1|graph');
  expect(unseal(key, sealed, 'v1|graph')).toEqual(plain);
  expect(unseal(key, sealed, 'v1|other')).toBeUndefined();
  expect(unseal(randomBytes(32), sealed, 'v1|graph')).toBeUndefined();
});

it('refuses every single flipped bit', () => {
  const sealed = seal(key, plain, 'x');
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const copy = Buffer.from(sealed);
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(unseal(key, copy, 'x')).toBeUndefined();
  }
});

it('refuses every truncation', () => {
  const sealed = seal(key, plain, 'x');
  for (let length = 0; length < sealed.length; length++) {
    expect(unseal(key, sealed.subarray(0, length), 'x')).toBeUndefined();
  }
});

it('never uses a nonce twice', () => {
  const nonces = new Set<string>();
  for (let count = 0; count < 20_000; count++) {
    nonces.add(seal(key, plain, 'x').subarray(0, 12).toString('hex'));
  }
  expect(nonces.size).toBe(20_000);
});
