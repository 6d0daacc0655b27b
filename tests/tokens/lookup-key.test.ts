import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EntryParts, recordKey, sessionKey } from '../../src/tokens/lookup-key.ts';

const KEY = Buffer.alloc(32, 7);
const text = fc.string({ maxLength: 20 });
const scopes = fc.array(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 4 });
const parts: fc.Arbitrary<EntryParts> = fc.record(
  {
    authority: text,
    tenantId: text,
    clientId: text,
    flow: text,
    account: text,
    scopes,
    claims: text,
    credential: text,
  },
  { requiredKeys: ['authority', 'tenantId', 'clientId', 'flow', 'scopes', 'credential'] },
);

describe('recordKey', () => {
  it('is 32 hex digits that tell nothing', () => {
    const sample = { authority: 'a', tenantId: 't', clientId: 'c', flow: 'f', scopes: ['s'] };
    expect(recordKey(KEY, { ...sample, credential: 'x' })).toMatch(/^[0-9a-f]{32}$/);
    expect(sessionKey(KEY)).toMatch(/^[0-9a-f]{32}$/);
    expect(sessionKey(KEY)).not.toBe(sessionKey(Buffer.alloc(32, 8)));
  });

  it('does not care about the order, the case and the repetition of scopes', () => {
    fc.assert(
      fc.property(parts, (one) => {
        const ascii = one.scopes.map((scope) => scope.replace(/[^ -~]/g, ''));
        const other = [...ascii, ...ascii].reverse().map((scope) => scope.toUpperCase());
        expect(recordKey(KEY, { ...one, scopes: other })).toBe(
          recordKey(KEY, { ...one, scopes: ascii }),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('changes with every part', () => {
    const fields = ['authority', 'tenantId', 'clientId', 'flow', 'account', 'claims', 'credential'];
    fc.assert(
      fc.property(parts, fc.constantFrom(...fields), text, (one, field, value) => {
        fc.pre(one[field as keyof EntryParts] !== value);
        expect(recordKey(KEY, { ...one, [field]: value })).not.toBe(recordKey(KEY, one));
      }),
      { numRuns: 1000 },
    );
  });

  it('changes with the set of scopes', () => {
    const set = (all: readonly string[]) =>
      JSON.stringify([...new Set(all.map((scope) => scope.toLowerCase()))].sort());
    fc.assert(
      fc.property(parts, scopes, (one, other) => {
        fc.pre(set(one.scopes) !== set(other));
        expect(recordKey(KEY, { ...one, scopes: other })).not.toBe(recordKey(KEY, one));
      }),
      { numRuns: 1000 },
    );
  });
});
