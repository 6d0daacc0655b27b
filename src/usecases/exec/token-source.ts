import { CliError } from '../../core/errors.ts';
import type { App } from '../../core/ports.ts';
import { shellOption } from '../../core/shell-word.ts';
import { comparableResource, resourceScope } from '../../entra/scopes.ts';
import { cleanText } from '../../output/terminal-text.ts';
import { isEnvProfile } from '../../profiles/env-profile.ts';
import { fileFingerprint } from '../../profiles/store.ts';
import { cachePath } from '../../tokens/cache-file.ts';
import { lifeLeft } from '../../tokens/records.ts';
import { neededLife } from '../token/cached-token.ts';
import { type ObtainedResult, obtainByFlow, obtainToken } from '../token/get-token.ts';
import type { TokenCall } from '../token/token-call.ts';
import { type Asked, noDefault, Refused, type ServedToken } from './protocols.ts';

export interface SourceOptions {
  /** The profile's name. */
  readonly profile: string;
  /** Scopes whose resources the program may ask for; undefined if any. */
  readonly allowed: readonly string[] | undefined;
  /** Obtained before the program started: where no cache is kept, it is not requested again. */
  readonly first?: Remembered;
}

interface Remembered extends ObtainedResult {
  readonly stamp: string;
}

/** Matches a permission at the end of what should be a resource: `User.Read`. */
const PERMISSION = /(^|\/)([A-Z][A-Za-z]*(\.[A-Za-z]+)+|user_impersonation)$/;

/**
 * Obtains tokens as `get-token` does, but never asks a person. The profile is read again each time, so
 * that a rotation, a logout or a deletion counts at once. As long as neither profiles.json nor the
 * profile's cache has changed, a token is given from memory.
 */
export function createTokenSource(app: App, options: SourceOptions) {
  const { profile, allowed, first } = options;
  const memory = new Map<string, Remembered>();
  const [, resource] = /^(.+)\/\.default$/.exec(first?.request.scopes.join(' ') ?? '') ?? [];
  if (first && resource) memory.set(keyOf({ resource }), first);
  const flights = new Map<string, Promise<ObtainedResult>>();
  const livesOn = ({ result, options }: Remembered) =>
    lifeLeft(result, app.clock.now()) >= neededLife(result, { ...options, reusesShort: true });

  const obtain = async ({ resource, tenant }: Asked, key: string): Promise<ObtainedResult> => {
    const stamp = stampOf(app, profile);
    const there = memory.get(key);
    if (there?.stamp === stamp && livesOn(there)) return there;
    const obtained = await obtainToken(
      app,
      { profile, resource, tenant },
      { mayAsk: false, obtain: (call) => obtainByFlow(app, reusingShort(call)) },
    );
    memory.set(key, { ...obtained, stamp });
    return obtained;
  };
  const once = (asked: Asked): Promise<ObtainedResult> => {
    const key = keyOf(asked);
    const flight = flights.get(key) ?? obtain(asked, key).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
  return {
    /** @throws Refused */
    serve: async (asked: Asked): Promise<ServedToken> => {
      try {
        checkAllowed(asked.resource, allowed);
        const { request, result } = await once(asked);
        const expiresIn = Math.floor(lifeLeft(result, app.clock.now()));
        return { ...result, clientId: request.clientId, expiresIn };
      } catch (error) {
        throw toRefused(app, error, asked);
      }
    },
    /** Resolves when no token is being requested any more. */
    idle: () => Promise.allSettled(flights.values()),
  };
}

/** SDKs ask again for each of their requests when little life is left. */
function reusingShort(call: TokenCall): TokenCall {
  return { ...call, options: { ...call.options, reusesShort: true } };
}

function keyOf({ resource, tenant }: Asked): string {
  return JSON.stringify([resource, tenant]);
}

/** Changes whenever the profile or its tokens may have changed; `@env` is in no file. */
export function stampOf({ paths }: Pick<App, 'paths'>, profile: string): string {
  if (isEnvProfile({ name: profile })) return '';
  const files = [paths.profiles, cachePath(paths.cacheFolder, profile)];
  return JSON.stringify(files.map(fileFingerprint));
}

function checkAllowed(resource: string, allowed: SourceOptions['allowed']): void {
  const scope = scopeOf(resource);
  if (!allowed) return;
  if (allowed.map(comparableResource).includes(comparableResource(scope))) return;
  const option = shellOption('--allow', resource);
  const message = `'${resource}' is not allowed to this program: tokencli exec ${option}`;
  throw new Refused('access_denied', message, undefined, true);
}

/** @throws Refused */
function scopeOf(resource: string): string {
  try {
    return resourceScope(resource);
  } catch {
    const text = `'${resource}' is not one resource, such as https://graph.microsoft.com`;
    throw new Refused('invalid_resource', `${text}, and without /.default`);
  }
}

function toRefused({ log }: Pick<App, 'log'>, error: unknown, { resource }: Asked): Refused {
  if (error instanceof Refused) return error;
  // programs print what they get, and a server may have put control sequences into it
  const clean = (text: string) => cleanText(log.redact(text));
  if (!(error instanceof CliError)) return new Refused('unexpected', clean(String(error)));
  const { hint, oauthError, correlationId } = error.details;
  const refused = error.code === 'auth_failed';
  const why = [error.message];
  if (refused && PERMISSION.test(resource)) why.push(noDefault(resource).message);
  else if (hint && !error.message.endsWith(hint)) why.push(`try: ${hint}`);
  const code = refused ? (oauthError ?? error.code) : error.code;
  return new Refused(clean(code), clean(why.join('; ')), correlationId && clean(correlationId));
}
