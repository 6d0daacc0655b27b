import { statSync } from 'node:fs';
import { CliError, type ErrorCode } from '../../core/errors.ts';
import { createTtlFileStore } from '../../core/files/ttl-file-store.ts';
import type { App } from '../../core/ports.ts';
import { profileDigest } from '../../profiles/store.ts';
import { cachePath } from '../../tokens/cache-file.ts';
import { lookupOf } from './profile-cache.ts';
import type { TokenCall } from './token-call.ts';

/** Long enough for one command of kubectl, too short for a person to have corrected anything. */
const SECONDS = 10;
const REFUSALS: readonly unknown[] = ['auth_failed', 'interaction_required'] satisfies ErrorCode[];

/**
 * kubectl runs a plugin that fails six times for one command. What the identity provider has just
 * refused is not asked for again: the answer would be the same.
 */
export async function unlessJustRefused<T>(
  app: Pick<App, 'clock' | 'log' | 'paths'>,
  call: TokenCall,
  obtain: () => Promise<T>,
): Promise<T> {
  if (call.options.force || !call.options.useCache) return obtain();
  const { throttleFolder } = app.paths;
  const refusals = createTtlFileStore(throttleFolder, '.refused', SECONDS, () => app.clock.now());
  const earlier = refusals.recall(subjectOf(app, call));
  if (earlier) throw toError(earlier);
  try {
    return await obtain();
  } catch (failure) {
    if (isRefusal(failure)) {
      const { code, message, details } = failure;
      const hint = details.hint && app.log.redact(details.hint);
      const content = { code, message: app.log.redact(message), hint };
      try {
        refusals.remember(subjectOf(app, call), content, SECONDS);
      } catch (error) {
        app.log.debug(`the refusal is not remembered: ${String(error)}`);
      }
    }
    throw failure;
  }
}

/** True for a refusal by the server. What fails before the server is asked costs no request. */
function isRefusal(failure: unknown): failure is CliError {
  if (!(failure instanceof CliError) || !REFUSALS.includes(failure.code)) return false;
  return failure.details.oauthError !== undefined;
}

function toError({ code, message, hint }: Readonly<Record<string, unknown>>): CliError {
  const known = REFUSALS.includes(code) ? (code as ErrorCode) : 'auth_failed';
  return new CliError(known, String(message), typeof hint === 'string' ? { hint } : {});
}

/** A new sign-in changes the time of the cache file, so that an earlier refusal no longer counts. */
function subjectOf({ paths }: Pick<App, 'paths'>, call: TokenCall): string {
  const { profile } = call;
  const path = cachePath(paths.cacheFolder, profile.name);
  const saved = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return JSON.stringify([profileDigest(profile), lookupOf(call), saved]);
}
