import { expect, it } from '@jest/globals';
import { resolveAuthority } from '../../../src/entra/authority.ts';
import { mismatchOf, UNKNOWN_ACCOUNT } from '../../../src/usecases/token/session.ts';

it.each([
  { account: { id: '1', username: 'ada@contoso.com' }, says: 'signed in is ada@contoso.com, not' },
  { account: { id: UNKNOWN_ACCOUNT }, says: 'nobody knows whether eve@contoso.com is who signed' },
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
