import type { Context } from 'oidc-provider';
import type { Memory } from './memory.ts';

/**
 * A refresh token is good once: when it comes again, all that came of the same sign-in ends. Requests
 * with one token take turns, so that two at the same time are seen for what they are.
 */
export function strictRotation({ counts, refreshTokens }: Memory) {
  const turns = new Map<string, Promise<unknown>>();
  const spent = new Set<string>();
  return async (ctx: Context, next: () => Promise<void>): Promise<void> => {
    const token = ctx.req.body?.['refresh_token'];
    if (token === undefined || !refreshTokens.has(token)) return next();
    const turn = (turns.get(token) ?? Promise.resolve()).then(async () => {
      if (spent.has(token)) counts.reuses++;
      await next();
      if (ctx.status === 200) spent.add(token);
    });
    turns.set(
      token,
      turn.catch(() => {}),
    );
    await turn;
  };
}
