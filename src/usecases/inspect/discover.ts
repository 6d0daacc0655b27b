import { parseDuration } from '../../core/duration.ts';
import { CliError, EXIT_CODES } from '../../core/errors.ts';
import type { Flags, Values } from '../../core/options.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { describeDate, isoDate } from '../../output/dates.ts';
import { jsonLine } from '../../output/json-text.ts';
import { page, timeRows } from '../../output/page.ts';
import {
  appIdOf,
  audiencesOf,
  rolesOf,
  scopesOf,
  textClaim,
  timesOf,
} from '../../tokens/claims.ts';
import type { JsonObject } from '../../tokens/jwt.ts';
import { knownApi } from '../../tokens/known-names.ts';
import { readToken, type TokenSource } from './read-token.ts';

export type DiscoverInput = TokenSource & Values<'min-ttl'> & Flags<'json'>;

type State = 'valid' | 'expired' | 'not-yet-valid' | 'too-short';

/**
 * Tells whether a token is still valid, by its times alone: the signature is not checked. Exit code
 * 0 means valid; 6 means expired, not yet valid, or less than `--min-ttl` left.
 * @throws CliError usage, invalid_data (no token, or one that only its API can read)
 */
export async function discover(app: App, input: DiscoverInput): Promise<Outcome> {
  const minimum = parseDuration(input['min-ttl'] ?? '0', '--min-ttl');
  const token = await readToken(app, input);
  if (token.kind !== 'signed') {
    const what = token.kind === 'opaque' ? 'opaque' : 'encrypted for its API (JWE)';
    throw new CliError('invalid_data', `the token is ${what}: it does not show when it expires`, {
      hint: 'tokencli get-token --json   (says expiresOn for every token)',
    });
  }
  const claims = token.payload.value;
  const { expiresOn, notBefore } = timesOf(claims);
  if (expiresOn === undefined) {
    throw new CliError('invalid_data', 'the token does not say when it expires (exp)');
  }
  const now = app.clock.now();
  const state = stateOf(expiresOn, notBefore, now, minimum);
  const stdout = input.json
    ? `${jsonLine(toJsonData(claims, state, expiresOn, now))}\n`
    : toPage(claims, state, now, input['min-ttl']);
  return { stdout, exitCode: state === 'valid' ? 0 : EXIT_CODES.token_expired.code };
}

function stateOf(expires: number, begins: number | undefined, now: number, minimum: number): State {
  if (expires <= now) return 'expired';
  if (begins !== undefined && begins > now) return 'not-yet-valid';
  return expires - now < minimum ? 'too-short' : 'valid';
}

function toJsonData(claims: JsonObject, state: State, expiresOn: number, now: number) {
  const audience = audiencesOf(claims);
  const { issuedAt, notBefore } = timesOf(claims);
  return {
    valid: state === 'valid',
    state,
    audience: audience.length > 1 ? audience : audience[0],
    issuedAt: isoDate(issuedAt),
    notBefore: isoDate(notBefore),
    expiresOn: isoDate(expiresOn),
    expiresOnEpoch: expiresOn,
    timeLeftSeconds: Math.floor(expiresOn - now),
    scopes: scopesOf(claims),
    roles: rolesOf(claims),
    appId: appIdOf(claims),
    tenantId: textClaim(claims, 'tid'),
  };
}

function toPage(claims: JsonObject, state: State, now: number, minimum?: string): string {
  const times = timesOf(claims);
  const { notBefore } = times;
  const titles: Record<State, string> = {
    valid: 'Valid (not expired; the signature is not checked)',
    expired: 'Expired',
    'not-yet-valid': `Not yet valid${notBefore === undefined ? '' : ` (from ${describeDate(notBefore)})`}`,
    'too-short': `Less than ${minimum} left`,
  };
  const list = (items: readonly string[]) => (items.length > 0 ? items.join(' ') : undefined);
  return page(titles[state], [
    ['Audience', ...audiencesOf(claims).map(nameAudience)],
    ...timeRows(times, now),
    ['Scopes', list(scopesOf(claims))],
    ['Roles', list(rolesOf(claims))],
    ['App id', appIdOf(claims)],
    ['Tenant id', textClaim(claims, 'tid')],
  ]);
}

function nameAudience(audience: string): string {
  const name = knownApi(audience);
  return name ? `${audience} (${name})` : audience;
}
