import { describe, expect, it } from '@jest/globals';
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
  700084, 50173, 7000218, 90002, 90072, 90094, 9002313, 28000, 9002327, 700025,
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
    [9002327, 'Mobile and desktop applications'],
    [700025, 'tokencli get-token -p my-profile -f InteractiveBrowser'],
    [70011, 'tokencli get-token -p my-profile --resource https://graph.microsoft.com'],
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
