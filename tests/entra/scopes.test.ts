import { describe, expect, it } from '@jest/globals';
import { CliError } from '../../src/core/errors.ts';
import { checkAppScopes, resourceOf, resourceScope, splitScopes } from '../../src/entra/scopes.ts';

const GRAPH = 'https://graph.microsoft.com';

describe('scopes in a text', () => {
  it.each([
    [['a b'], ['a', 'b']],
    [['a,b'], ['a', 'b']],
    [[' a ,\tb\n'], ['a', 'b']],
    [
      ['a', 'b c'],
      ['a', 'b', 'c'],
    ],
    [[''], []],
    [[`${GRAPH}/User.Read Mail.Read`], [`${GRAPH}/User.Read`, `${GRAPH}/Mail.Read`]],
    [
      [`${GRAPH}/User.Read`, 'Mail.Read'],
      [`${GRAPH}/User.Read`, `${GRAPH}/Mail.Read`],
    ],
    [['api://app/A B'], ['api://app/A', 'api://app/B']],
    [[`User.Read ${GRAPH}/Mail.Read`], ['User.Read', `${GRAPH}/Mail.Read`]],
    [
      [`${GRAPH}/User.Read openid offline_access`],
      [`${GRAPH}/User.Read`, 'openid', 'offline_access'],
    ],
    [['https://host//.default'], ['https://host//.default']],
    [['https://one/A https://two/B C'], ['https://one/A', 'https://two/B', 'https://two/C']],
  ])('%j is %j', (texts, scopes) => {
    expect(splitScopes(texts)).toEqual(scopes);
  });
});

describe('the scope of a resource', () => {
  it.each([
    [GRAPH, `${GRAPH}/.default`],
    ['https://host/', 'https://host//.default'],
    ['api://app', 'api://app/.default'],
    ['00000003-0000-0000-c000-000000000000', '00000003-0000-0000-c000-000000000000/.default'],
  ])('%s is %s', (resource, scope) => {
    expect(resourceScope(resource)).toBe(scope);
    expect(checkAppScopes([scope])).toBeUndefined();
  });

  it.each(['', `${GRAPH} api://app`, `${GRAPH},api://app`, `${GRAPH}/.default`, 'a\u0007b'])(
    '%j is no resource',
    (resource) => {
      expect(codeOf(() => resourceScope(resource))).toBe('usage');
    },
  );
});

it.each([
  [`${GRAPH}/User.Read`, GRAPH],
  ['https://host//.default', 'https://host/'],
  ['api://app/.default', 'api://app'],
  ['User.Read', undefined],
  [GRAPH, undefined],
  ['/.default', undefined],
])('%s is for the resource %s', (scope, resource) => {
  expect(resourceOf(scope)).toBe(resource);
});

describe('what an application may ask for', () => {
  it.each([
    [[], 'no scope is given'],
    [
      ['User.Read'],
      "ClientCredentials takes one scope that ends in /.default, and 'User.Read' does not",
    ],
    [
      [`${GRAPH}/.default`, `${GRAPH}/User.Read`],
      `ClientCredentials takes one scope that ends in /.default, and '${GRAPH}/User.Read' does not`,
    ],
    [
      ['.default'],
      "ClientCredentials takes one scope that ends in /.default, and '.default' does not",
    ],
    [
      [`${GRAPH}/.default`, 'api://app/.default'],
      `one request is for one resource, not for '${GRAPH}/.default' and 'api://app/.default'`,
    ],
    [[`${GRAPH}/.default`, `${GRAPH}/.Default`], `the scope '${GRAPH}/.default' is given twice`],
    [[`${GRAPH}./default`], `'${GRAPH}./default' is no scope, did you mean '${GRAPH}/.default'?`],
    [[`${GRAPH}/./default`], `'${GRAPH}/./default' is no scope, did you mean '${GRAPH}/.default'?`],
  ])('is not %j', (scopes, problem) => {
    expect(checkAppScopes(scopes)).toBe(problem);
  });
});

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof CliError ? error.code : 'not ours';
  }
}
