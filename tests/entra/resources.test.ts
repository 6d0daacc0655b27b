import { describe, expect, it } from '@jest/globals';
import { CLOUDS, type Cloud } from '../../src/core/clouds.ts';
import { RESOURCES, resolveResource } from '../../src/entra/resources.ts';
import { failure } from '../support/failure.ts';

describe('a short name', () => {
  it.each<[name: string, cloud: Cloud, uri: string]>([
    ['graph', 'public', 'https://graph.microsoft.com'],
    ['GRAPH', 'usgov', 'https://graph.microsoft.us'],
    ['arm', 'china', 'https://management.chinacloudapi.cn'],
    ['keyvault', 'usgov', 'https://vault.usgovcloudapi.net'],
    ['storage', 'china', 'https://storage.azure.com'],
    ['sql', 'public', 'https://database.windows.net/'],
    ['devops', 'public', '499b84ac-1321-427f-aa17-267ca6975798'],
  ])('%s in %s is %s', (name, cloud, uri) => {
    expect(resolveResource(name, cloud)).toBe(uri);
  });

  it.each([
    'https://host/',
    'api://app',
    'urn:app',
    'host.example',
    '00000003-0000-0000-c000-000000000000',
    'a b',
    '',
  ])('is not %j, which is taken as it is', (text) => {
    expect(resolveResource(text, 'public')).toBe(text);
  });

  it.each<[name: string, cloud: Cloud, message: string, hint: string]>([
    ['grpah', 'public', "there is no resource 'grpah'; did you mean 'graph'?", 'help resources'],
    ['key-vault', 'public', "did you mean 'keyvault'?", 'help resources'],
    ['__proto__', 'public', "there is no resource '__proto__'", 'help resources'],
    ['devops', 'china', "no 'devops' is known in the cloud china", 'URI'],
    ['sharepoint', 'usgov', 'a host of your own', '--resource https://TENANT.sharepoint.us'],
  ])('%s in %s is refused', (name, cloud, message, hint) => {
    const [code, said, next] = failure(() => resolveResource(name, cloud));
    expect([code, said]).toEqual(['usage', expect.stringContaining(message)]);
    expect(next).toContain(hint);
  });
});

describe('the table', () => {
  it('has names that no URI could be, each once, in order of the clouds', () => {
    const names = RESOURCES.map(({ name }) => name);
    expect(names.filter((name) => !/^[a-z]+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    for (const { uris } of RESOURCES) {
      expect(CLOUDS.filter((cloud) => cloud in uris)).toEqual(Object.keys(uris));
      expect(uris.public).toBeDefined();
    }
  });

  it('names no host of one cloud in another', () => {
    const signs: Record<Cloud, RegExp> = {
      public: /\.(us|cn)\/?$|usgov|china/,
      usgov: /\.cn\/?$|china/,
      china: /\.us\/?$|usgov/,
    };
    const foreign = RESOURCES.flatMap(({ uris }) =>
      CLOUDS.map((cloud) => uris[cloud]).filter(
        (uri, index) => uri && signs[CLOUDS[index] ?? 'public'].test(uri),
      ),
    );
    expect(foreign).toEqual([]);
  });
});
