import type { Env } from './ports.ts';
import { withoutLineEnd } from './text.ts';

/**
 * A variable's value without a byte order mark and one line end. Both remain when the value was read
 * from a file, such as a secret of Kubernetes or a `.env` with CRLF.
 * @returns undefined if nothing is left
 */
export function readVariable(env: Env, name: string): string | undefined {
  return withoutLineEnd(env[name] ?? '') || undefined;
}
