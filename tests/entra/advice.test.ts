import { describe, expect, it } from '@jest/globals';
import type { Origins } from '../../src/core/origin.ts';
import { adviseAadsts } from '../../src/entra/advice.ts';
import { ADVICE } from '../../src/entra/advice-table.ts';
import { resolveAuthority } from '../../src/entra/authority.ts';

const FACTS = {
  profile: 'my-profile',
  tenantId: 'contoso.example',
  clientId: 'the-app',
  scopes: ['https://graph.microsoft.com/.default'],
  flow: 'ClientCredentials',
  command: 'tokencli get-token -p my-profile',
  authority: resolveAuthority({ cloud: 'usgov', tenantId: 'contoso.example' }),
} as const;

/** The numbers that users most often see; each must have advice. */
const NUMBERS = [
  7000215, 7000222, 700016, 700027, 70011, 1002012, 500011, 65001, 650057, 50076, 50079, 50011,
  50020, 50034, 50053, 50057, 50105, 50126, 53000, 53003, 530033, 530084, 70008, 70043, 700082,
  700084, 50173, 7000218, 90002, 90072, 90094, 9002313, 28000, 9002327, 700025, 700024, 700211,
  700212, 700213, 500571, 50177, 500212, 500213, 65002, 50158,
];

describe('a number of the table', () => {
  it('is each one that was promised', () => {
    expect(Object.keys(ADVICE).map(Number).sort()).toEqual([...NUMBERS].sort());
  });

  it.each(NUMBERS)('%d has a cause and a next step on one line each', (number) => {
    const advice = adviseAadsts(number, FACTS);
    expect(advice?.message).toMatch(new RegExp(`^AADSTS${number}: [^\\n{}]+[^.\\n{}]$`));
    expect(advice?.hint).toMatch(/^[^\n{}]+[^.\n{}]$/);
    expect(['auth_failed', 'interaction_required', 'token_expired']).toContain(advice?.code);
  });

  it.each<[number, string]>([
    [7000215, 'tokencli config edit -p my-profile'],
    [7000215, 'not its Secret ID'],
    [7000222, 'tokencli config edit -p my-profile'],
    [70011, 'tokencli get-token -p my-profile --resource https://graph.microsoft.us'],
    [9002327, 'Mobile and desktop applications'],
    [700025, 'tokencli get-token -p my-profile -f InteractiveBrowser'],
    [500571, 'tokencli get-token -p my-profile --tenant TENANT'],
    [65002, 'tokencli config edit -p my-profile, with the client id'],
    [
      65001,
      'https://login.microsoftonline.us/contoso.example/v2.0/adminconsent?client_id=the-app&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default',
    ],
  ])('%d says %s', (number, text) => {
    expect(adviseAadsts(number, FACTS)?.hint).toContain(text);
  });

  it.each<[number, string]>([
    [700016, 'contoso.example'],
    [700016, 'the-app'],
    [500011, 'https://graph.microsoft.com/.default'],
    [90002, 'contoso.example'],
  ])('%d names %s', (number, text) => {
    expect(adviseAadsts(number, FACTS)?.message).toContain(text);
  });
});

it.each([0, 1, 999_999, -1, Number.NaN])('%d is in no table', (number) => {
  expect(adviseAadsts(number, FACTS)).toBeUndefined();
});

it.each([
  ['AuthorizationCode', 'tokencli config edit -p my-profile to add one, or register'],
  ['InteractiveBrowser', 'register the redirect URI for "Mobile and desktop applications"'],
  ['DeviceCode', '"Allow public client flows"'],
] as const)('7000218 has the cure of the flow %s', (flow, text) => {
  expect(adviseAadsts(7000218, { ...FACTS, flow })?.hint).toContain(text);
});

describe('the cure is where the value came from', () => {
  const EDIT = 'tokencli config edit -p my-profile';
  const hintOf = (number: number, origins: Origins) =>
    adviseAadsts(number, { ...FACTS, origins })?.hint;

  it.each<[number, Origins, string]>([
    [7000215, { credential: 'AZURE_CLIENT_SECRET' }, 'correct or unset AZURE_CLIENT_SECRET, and'],
    [7000222, { credential: 'TOKENCLI_CLIENT_SECRET' }, 'correct or unset TOKENCLI_CLIENT_SECRET,'],
    [
      7000215,
      { credential: 'AZURE_CLIENT_SECRET', clientId: 'profile' },
      'correct or unset AZURE_CLIENT_SECRET, and',
    ],
    [
      700027,
      { credential: 'AZURE_CLIENT_CERTIFICATE_PATH' },
      'unset AZURE_CLIENT_CERTIFICATE_PATH',
    ],
    [
      700016,
      { clientId: 'AZURE_CLIENT_ID', tenantId: 'AZURE_TENANT_ID' },
      'AZURE_CLIENT_ID and AZ',
    ],
    [700016, { clientId: 'flag', tenantId: 'default' }, 'correct --client-id, and'],
    [
      90002,
      { tenantId: 'flag', authority: 'AZURE_AUTHORITY_HOST' },
      'correct --tenant, correct or',
    ],
    [90072, { tenantId: 'AZURE_TENANT_ID' }, 'correct or unset AZURE_TENANT_ID'],
    // the app or the tenant that is named in the message was not the one that was meant
    [65001, { clientId: 'AZURE_CLIENT_ID' }, '; or correct or unset AZURE_CLIENT_ID'],
    [650057, { clientId: 'flag' }, '; or correct --client-id'],
    [500571, { tenantId: 'flag' }, '; or correct --tenant'],
    [700025, { clientId: 'AZURE_CLIENT_ID' }, '; or correct or unset AZURE_CLIENT_ID'],
  ])('%d: %j', (number, origins, words) => {
    expect(hintOf(number, origins)).toContain(words);
    expect(hintOf(number, origins)).not.toContain('config edit');
  });

  it('which may be the profile and a variable', () => {
    const mixed = hintOf(700016, { clientId: 'AZURE_CLIENT_ID', tenantId: 'profile' });
    expect(mixed).toContain(`correct or unset AZURE_CLIENT_ID, or ${EDIT}`);
    expect(hintOf(7000215, { credential: 'profile', clientId: 'AZURE_CLIENT_ID' })).toContain(
      `correct or unset AZURE_CLIENT_ID, or ${EDIT}`,
    );
  });

  it('which is no place for a redirect URI', () => {
    const hint = hintOf(50011, { clientId: 'AZURE_CLIENT_ID' });
    expect(hint).toContain(`change it: ${EDIT}; or correct or unset AZURE_CLIENT_ID`);
  });

  it('which is no place for a credential', () => {
    const origins = { clientId: 'AZURE_CLIENT_ID' };
    const advice = adviseAadsts(7000218, { ...FACTS, flow: 'AuthorizationCode', origins });
    expect(advice?.hint).toMatch(
      new RegExp(`^${EDIT} to add one, or .*; or correct or unset AZURE_CLIENT_ID$`),
    );
  });
});
