import type { App } from '../../core/ports.ts';
import { describeDate, describeExpiry } from '../../output/dates.ts';
import { dateClaim } from '../../tokens/claims.ts';
import type { JsonObject } from '../../tokens/jwt.ts';

/** The dates of a token for a person, on stderr, by this machine's clock. */
export function sayTimes(app: App, claims: JsonObject, verified: boolean): void {
  const now = app.clock.now();
  const issued = dateClaim(claims, 'iat');
  const begins = dateClaim(claims, 'nbf');
  const expires = dateClaim(claims, 'exp');
  if (issued !== undefined) app.log.say(`issued ${describeDate(issued)}`);
  if (begins !== undefined && begins > now) app.log.say(`not valid before ${describeDate(begins)}`);
  app.log.say(expires === undefined ? 'it names no expiry' : describeExpiry(expires, now));
  if (!verified) app.log.say('signature not verified');
}
