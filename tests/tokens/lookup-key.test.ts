import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FLOW_NAMES } from '../../src/core/flow-names.ts';
import {
  recordLookupKey,
  sessionLookupKey,
  type TokenLookup,
} from '../../src/tokens/lookup-key.ts';

const KEY = Buffer.alloc(32, 7);
const text = fc.string({ maxLength: 20 });
const scopes = fc.array(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 4 });
const authority = text.map((url) => ({ protocol: 'entra' as const, url, known: true }));
const flow = fc.constantFrom(...FLOW_NAMES);
const parts: fc.Arbitrary<TokenLookup> = fc.record(
  {
    authority,
    tenantId: text,
    clientId: text,
    flow,
    account: text,
    scopes,
    claims: text,
    credential: text,
  },
  { requiredKeys: ['authority', 'tenantId', 'clientId', 'flow', 'scopes', 'credential'] },
);

describe('recordLookupKey', () => {
  it('is 32 hex digits that tell nothing', () => {
    fc.assert(fc.property(parts, (one) => /^[0-9a-f]{32}$/.test(recordLookupKey(KEY, one))));
    expect(sessionLookupKey(KEY)).toMatch(/^[0-9a-f]{32}$/);
    expect(sessionLookupKey(KEY)).not.toBe(sessionLookupKey(Buffer.alloc(32, 8)));
  });

  it('does not care about the order, the case and the repetition of scopes', () => {
    fc.assert(
      fc.property(parts, (one) => {
        const ascii = one.scopes.map((scope) => scope.replace(/[^ -~]/g, ''));
        const other = [...ascii, ...ascii].reverse().map((scope) => scope.toUpperCase());
        expect(recordLookupKey(KEY, { ...one, scopes: other })).toBe(
          recordLookupKey(KEY, { ...one, scopes: ascii }),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('changes with every part', () => {
    const texts = ['tenantId', 'account', 'claims', 'clientId', 'credential'] as const;
    const change: fc.Arbitrary<Partial<TokenLookup>> = fc.oneof(
      authority.map((value) => ({ authority: value })),
      flow.map((value) => ({ flow: value })),
      fc.tuple(fc.constantFrom(...texts), text).map(([field, value]) => ({ [field]: value })),
    );
    fc.assert(
      fc.property(parts, change, (one, changed) => {
        fc.pre(JSON.stringify({ ...one, ...changed }) !== JSON.stringify(one));
        expect(recordLookupKey(KEY, { ...one, ...changed })).not.toBe(recordLookupKey(KEY, one));
      }),
      { numRuns: 1000 },
    );
  });

  it('stays what it was with what is no part', () => {
    const one = { thumbprint: 'sha1', sendX5c: true, loginHint: 'ada', capabilities: ['cp1'] };
    fc.assert(
      fc.property(parts, (plain) => {
        expect(recordLookupKey(KEY, { ...plain, ...one })).toBe(recordLookupKey(KEY, plain));
      }),
    );
  });

  it('changes with the set of scopes', () => {
    const set = (all: readonly string[]) =>
      JSON.stringify([...new Set(all.map((scope) => scope.toLowerCase()))].sort());
    fc.assert(
      fc.property(parts, scopes, (one, other) => {
        fc.pre(set(one.scopes) !== set(other));
        expect(recordLookupKey(KEY, { ...one, scopes: other })).not.toBe(recordLookupKey(KEY, one));
      }),
      { numRuns: 1000 },
    );
  });
});
