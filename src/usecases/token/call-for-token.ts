import { describeDuration } from '../../core/duration.ts';
import type { App, Outcome } from '../../core/ports.ts';
import { refuseUncheckedTls } from '../../core/tls-guard.ts';
import { ungranted } from '../../entra/scopes.ts';
import { prepareSave } from '../../output/save.ts';
import { formatToken } from '../../output/token.ts';
import { chooseProfile } from '../../profiles/choose-profile.ts';
import { readProfiles } from '../../profiles/store.ts';
import { lifeLeft, type TokenRecord } from '../../tokens/records.ts';
import type { FlightResult } from '../../tokens/single-flight.ts';
import { whileRotating } from '../credentials/try-credentials.ts';
import { limitCall, prepareCall, type TokenCall } from './token-call.ts';
import { type GetTokenArgs, readTokenOptions } from './token-options.ts';
import { resolveTarget } from './token-target.ts';

/** What a command that hands out a token does in its own way. */
export interface TokenVerb {
  /** What people read at the beginning. */
  begin(profile: string): string;
  readonly end: string;
  readonly mayAsk: boolean;
  obtain(call: TokenCall): Promise<FlightResult<TokenRecord>>;
}

/** From the command line to stdout or the file of `-o`. */
export async function callForToken(
  app: App,
  args: GetTokenArgs,
  verb: TokenVerb,
): Promise<Outcome> {
  refuseUncheckedTls(app.env);
  const options = readTokenOptions(args);
  const { output } = args;
  const save =
    output === undefined ? undefined : prepareSave(output, app.workingFolder, app.paths.home);
  const read = await readProfiles(app.paths);
  const chosen = await chooseProfile(app, read, args.profile);
  const { mayAsk } = verb;
  const first = resolveTarget(chosen, args, app.env);
  const deadline = limitCall(app, options, first.flow, mayAsk);
  const work = async (file: typeof read, profile: typeof chosen) => {
    const target = profile === chosen ? first : resolveTarget(profile, args, app.env);
    const call = prepareCall(app, args, { file, profile, target, options, deadline, mayAsk });
    app.log.say(verb.begin(profile.name));
    return { target: call.target, ...(await verb.obtain(call)) };
  };
  const { target, result, fromCache } = await whileRotating(app, read, chosen, work);
  app.log.registerSecret(result.accessToken);
  const left = lifeLeft(result, app.clock.now());
  if (!fromCache && left < options.minTtl) {
    app.log.warn(
      `the new token lives for ${describeDuration(left)} only; asking again cannot help`,
    );
  }
  const missing = fromCache ? [] : ungranted(target.scopes, result.scopes);
  if (missing.length > 0) app.log.warn(`the token was given without ${missing.join(' ')}`);
  app.log.done(verb.end);
  const { flow } = target;
  const text = formatToken(
    { ...result, profile: chosen.name, flow, fromCache },
    args.json === true,
  );
  if (!save) return { stdout: text };
  save(text);
  app.log.done(`Token saved to ${output}`);
  return { stdout: '' };
}
