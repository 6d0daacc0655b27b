import type { App, Env } from './ports.ts';

const NOT_SET = new Set(['', '0', 'false', 'no', 'off']);

/** True if `CI` says that nobody is there; `CI=false` says the opposite. */
export function isCi(env: Env): boolean {
  return !NOT_SET.has((env['CI'] ?? '').trim().toLowerCase());
}

/** Why no question is asked, where `log.interactive` is false. */
export function whyNotAsked({ env, io, log }: Pick<App, 'env' | 'io' | 'log'>): string {
  if (log.silent) return 'with --silent nobody is asked';
  if (isStoppedByCi({ env, io })) return 'nobody is asked while CI is set';
  return 'without a terminal nobody can be asked';
}

/** True if a terminal is there, and only `CI` keeps the program from asking. */
export function isStoppedByCi({ env, io }: Pick<App, 'env' | 'io'>): boolean {
  return isCi(env) && io.stdinIsTty && io.stderrIsTty;
}
