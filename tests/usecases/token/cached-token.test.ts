import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startDeadline } from '../../../src/core/deadline.ts';
import { CliError } from '../../../src/core/errors.ts';
import type { Profile } from '../../../src/profiles/schema.ts';
import { profileDigest, readProfiles } from '../../../src/profiles/store.ts';
import type { TokenRecord } from '../../../src/tokens/records.ts';
import { cachedOrRequested } from '../../../src/usecases/token/cached-token.ts';
import {
  lockProfile,
  lookupOf,
  openProfileCache,
} from '../../../src/usecases/token/profile-cache.ts';
import type { TokenCall } from '../../../src/usecases/token/token-call.ts';
import { type GetTokenArgs, readTokenOptions } from '../../../src/usecases/token/token-options.ts';
import { resolveTokenRequest } from '../../../src/usecases/token/token-request.ts';
import { appId } from '../../support/app-id.ts';
import { createTestApp, type TestApp } from '../../support/test-app.ts';

const profile: Profile = { name: 'app', clientId: appId('the-app'), tenantId: 'contoso.example' };
const offline = new CliError('network', 'no route');
let world: TestApp;

beforeEach(() => {
  world = createTestApp();
  world.writeProfiles({ schemaVersion: 1, profiles: [profile] });
});

afterEach(() => world.remove());

interface AskOptions {
  readonly ended?: boolean;
  readonly reusesShort?: boolean;
  /** Seconds that the token in the cache lived in all; a minute more than it has left by default. */
  readonly whole?: number | undefined;
}

/** @param life seconds that a token in the cache still has. @param answer of the identity provider */
async function ask(
  life: number,
  args: GetTokenArgs,
  answer: CliError | 'new',
  { ended = false, reusesShort = false, whole = life + 60 }: AskOptions = {},
) {
  const plain = world.app();
  const warnings: string[] = [];
  const app = { ...plain, log: { ...plain.log, warn: (line: string) => void warnings.push(line) } };
  const file = await readProfiles(app.paths);
  const end = new AbortController();
  const options = { ...readTokenOptions(args), reusesShort };
  const call: TokenCall = {
    ...{ file, profile, options, mayAsk: false, command: 'tokencli get-token -p app' },
    request: resolveTokenRequest(profile, { flow: 'InteractiveBrowser' }, options, {}),
    deadline: startDeadline(5, end.signal),
  };
  const record = (accessToken: string, left: number, all = left): TokenRecord => ({
    ...{
      accessToken,
      tokenType: 'Bearer',
      tenantId: 'contoso.example',
      clientId: appId('the-app'),
    },
    flow: 'InteractiveBrowser',
    scopes: call.request.scopes,
    obtainedOn: app.clock.now() + left - all,
    expiresOn: app.clock.now() + left,
    profileDigest: profileDigest(profile),
  });
  const cache = await openProfileCache(app, call);
  const lookup = lookupOf(call, 'ada');
  await cache.save({ token: { lookup, record: record('cached', life, whole) } });
  const found = await cachedOrRequested(app, cache, call, lookup, {
    lock: () => lockProfile(app, cache, call),
    request: async () => {
      if (ended) end.abort(new CliError('interrupted', 'interrupted'));
      if (answer instanceof CliError) throw answer;
      return { token: record('requested', 3600) };
    },
  }).catch((error: unknown) => error);
  const kept = (await cache.find(lookup))?.accessToken;
  if (found instanceof CliError) return { failure: found.code, kept, warnings };
  const { result, fromCache } = found as { result: TokenRecord; fromCache: boolean };
  return { token: result.accessToken, fromCache, kept, warnings };
}

describe('a token in the cache', () => {
  it.each<[string, number, GetTokenArgs, boolean]>([
    ['that lives long', 3600, {}, true],
    ['that lives as long as --min-ttl says', 120, { 'min-ttl': '90s' }, true],
    ['that ends soon', 200, {}, false],
    ['that nobody wants', 3600, { 'force-refresh': true }, false],
  ])('%s', async (_, life, args, fromCache) => {
    const token = fromCache ? 'cached' : 'requested';
    expect(await ask(life, args, 'new')).toEqual({ token, fromCache, kept: token, warnings: [] });
  });

  // it was obtained a minute before
  it.each([
    { life: 200, fromCache: true },
    { life: 50, fromCache: false },
    { life: 3600, fromCache: true },
    { life: 290, whole: 3600, fromCache: false },
  ])('that never lives long serves half of its life where many are asked for: %j', async (row) => {
    const { token } = await ask(row.life, {}, 'new', { reusesShort: true, whole: row.whole });
    expect(token).toBe(row.fromCache ? 'cached' : 'requested');
  });

  it('that ends soon serves while the network is down, with a warning', async () => {
    expect(await ask(200, {}, offline)).toEqual({
      token: 'cached',
      fromCache: true,
      kept: 'cached',
      warnings: ['no route; using the cached token, which ends soon'],
    });
  });

  it.each<[string, number, GetTokenArgs, CliError, boolean]>([
    ['almost over', 50, {}, offline, false],
    ['too short for who asked for more', 200, { 'min-ttl': '5m' }, offline, false],
    ['not wanted', 3600, { 'force-refresh': true }, offline, false],
    ['no answer to a refusal', 200, {}, new CliError('auth_failed', 'no'), false],
    ['no answer to Ctrl+C', 200, {}, offline, true],
  ])('does not serve when it is %s', async (_, life, args, answer, ended) => {
    expect(await ask(life, args, answer, { ended })).toEqual({
      failure: answer.code,
      kept: 'cached',
      warnings: [],
    });
  });
});
