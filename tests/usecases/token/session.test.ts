import { expect, it } from '@jest/globals';
import { resolveAuthority } from '../../../src/entra/authority.ts';
import {
  checkSamePerson,
  mismatchOf,
  sessionOf,
  UNKNOWN_ACCOUNT,
} from '../../../src/usecases/token/session.ts';

it.each([
  {
    account: { id: '1', username: 'ada@contoso.com' },
    says: 'the signed-in account is ada@contoso.com, not',
  },
  {
    account: { id: UNKNOWN_ACCOUNT },
    says: 'it is not known whether eve@contoso.com is the account',
  },
])('a sign-in of $account.id is not taken for another person', ({ account, says }) => {
  const authority = resolveAuthority({ cloud: 'public', tenantId: 'contoso.com' });
  const clientId = '00001111-aaaa-2222-bbbb-3333cccc4444';
  const root = new URL(authority.url).origin;
  const times = { signedInOn: 0, renewedOn: 0 };
  const session = { record: 'session', root, clientId, confidential: false, account, ...times };
  const request = { authority, clientId, loginHint: 'eve@contoso.com' };
  const call = { profile: { name: 'me' }, request };
  expect(mismatchOf(session as never, call as never)?.message).toContain(says);
});

it.each([
  {
    account: { id: 's2' },
    says: "s2 signed in, but profile 'me' is signed in as ada@contoso.com",
  },
  {
    account: { id: 's2', username: 'eve@contoso.com' },
    says: "eve@contoso.com signed in, but profile 'me' is signed in as ada@contoso.com",
  },
  {
    account: { id: 's2', username: 'ada@contoso.com' },
    says: "ada@contoso.com (id s2) signed in, but profile 'me' is signed in as ada@contoso.com (id s1)",
  },
])('names what another account differs in: $account', ({ account, says }) => {
  const authority = resolveAuthority({ cloud: 'public', tenantId: 'contoso.com' });
  const call = { profile: { name: 'me' }, request: { authority, clientId: 'app' } } as never;
  const ada = { id: 's1', username: 'ada@contoso.com', tenantId: 'contoso.com' };
  const before = sessionOf(call, { account: ada, refreshToken: 'rt' }, 0);
  const after = sessionOf(call, { account, refreshToken: 'rt 2' }, 1, before);
  expect(() => checkSamePerson(before, after, call)).toThrow(says);
  const renewed = sessionOf(call, { account: { id: 's1' } }, 1, before);
  expect(renewed.account).toEqual(ada);
});
