import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import type { App } from '../../src/core/ports.ts';
import { formatToken, maskInCi, type PrintedToken } from '../../src/output/token.ts';

/** Every character that an access token may have (`entra/token-response.ts`). */
const ODD = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 33 + index));
const token: PrintedToken = {
  accessToken: ODD,
  expiresOn: 1_800_000_000.7,
  tokenType: 'Bearer',
  scopes: [],
  profile: 'app',
  flow: 'ClientCredentials',
  tenantId: 'contoso.example',
  fromCache: true,
};
const style = { envName: 'NAME', apiVersion: 'v1' };

it('survives a shell that reads --format env', () => {
  const text = formatToken(token, { ...style, format: 'env' });
  const script = `${text}printf %s "$NAME"`;
  expect(spawnSync('sh', ['-c', script]).stdout.toString()).toBe(ODD);
});

it('survives curl, which reads --format curl', () => {
  const text = formatToken(token, { ...style, format: 'curl' });
  // what it would send is shown by --libcurl, as a string of C
  const args = ['-K', '-', '--libcurl', '-', '-s', 'http://127.0.0.1:1'];
  const { stdout } = spawnSync('curl', args, { input: text });
  const sent = /slist_append\(slist\d, ("Authorization.*")\);/.exec(stdout.toString())?.[1] ?? '""';
  expect(JSON.parse(sent.replaceAll('\\?', '?'))).toBe(`Authorization: Bearer ${ODD}`);
});

it('says to kubectl when it ends, to the second', () => {
  const text = formatToken(token, { ...style, format: 'k8s' });
  expect(JSON.parse(text)).toEqual({
    apiVersion: 'v1',
    kind: 'ExecCredential',
    status: { token: ODD, expirationTimestamp: '2027-01-15T08:00:00Z' },
  });
});

it.each([
  [{ GITHUB_ACTIONS: 'true' }, '::add-mask::100%25\n'],
  [{ TF_BUILD: 'true' }, '##vso[task.setsecret]100%AZP25\n'],
])('tells the log of %j to hide it, in the spelling of its commands', (env, line) => {
  let err = '';
  const io = { writeStderr: (text: string) => (err += text) };
  maskInCi({ env, io } as unknown as App, '100%');
  expect(err).toBe(line);
});
