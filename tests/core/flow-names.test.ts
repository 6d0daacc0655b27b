import { expect, it } from '@jest/globals';
import { parseFlowName } from '../../src/core/flow-names.ts';

it.each([
  ['ClientCredentials', 'ClientCredentials'],
  ['client-credentials', 'ClientCredentials'],
  ['DEVICECODE', 'DeviceCode'],
  ['interactive-browser', 'InteractiveBrowser'],
  ['authorizationcode', 'AuthorizationCode'],
])('%s means %s', (text, name) => {
  expect(parseFlowName(text)).toBe(name);
});

it.each(['', '-', 'client credentials', 'password'])('"%s" is no flow', (text) => {
  expect(parseFlowName(text)).toBeUndefined();
});
