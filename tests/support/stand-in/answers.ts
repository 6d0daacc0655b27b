import type { Context, Form } from 'oidc-provider';
import { deviceAnswer } from './device-pages.ts';
import type { Directory } from './directory.ts';
import { explain } from './explain.ts';
import { refusalBody, refusalOf } from './refusal.ts';
import { split } from './scope-rules.ts';
import { defaultScopes } from './token-rules.ts';

type Answer = Record<string, unknown>;

/**
 * Turns what oidc-provider answers to a program into what Entra would answer.
 * @param note gets every access token, before the answer is sent
 */
export function entraAnswers(directory: Directory, note: (token: string) => void) {
  return async (ctx: Context, next: () => Promise<void>): Promise<void> => {
    if (ctx.method === 'POST') notePoll(directory, ctx.req.body ?? {});
    await next();
    if (ctx.method !== 'POST' || typeof ctx.body !== 'object' || ctx.body === null) return;
    const form = ctx.req.body ?? {};
    const answer = ctx.body as Answer;
    if (typeof answer['error'] === 'string') {
      const why = refusalOf(ctx) ?? (await explain(directory, ctx, form, answer['error']));
      ctx.status = why.status;
      ctx.body = refusalBody(why, correlationOf(ctx));
    } else if (typeof answer['access_token'] === 'string') {
      note(answer['access_token']);
      ctx.body = tokenAnswer(directory, ctx, form, answer);
    } else if (typeof answer['device_code'] === 'string') {
      const expires = Date.now() + directory.device.lifetime * 1000;
      directory.memory.deviceCodes.set(answer['device_code'], { expires, polled: 0 });
      ctx.body = deviceAnswer(answer, directory.device.interval);
    }
    ctx.set('x-ms-request-id', crypto.randomUUID());
  };
}

/** Timers may be early by this much, in milliseconds. */
const TOLERANCE = 20;

function notePoll({ device, memory }: Directory, form: Form): void {
  const code = memory.deviceCodes.get(form['device_code'] ?? '');
  if (!code) return;
  const now = Date.now();
  if (now - code.polled < device.interval * 1000 - TOLERANCE) memory.counts.earlyPolls++;
  code.polled = now;
}

function tokenAnswer(directory: Directory, ctx: Context, form: Form, answer: Answer): object {
  const { scope, ...rest } = answer;
  const account = ctx.oidc.entities.Account?.accountId;
  if (account === undefined) return { ...rest, ext_expires_in: rest['expires_in'] };
  const asked = split(form['scope']).filter((one) => ['openid', 'profile', 'email'].includes(one));
  const info = JSON.stringify({ uid: account, utid: directory.tenant });
  return {
    ...rest,
    scope: [...(defaultScopes(directory, ctx) ?? split(String(scope ?? ''))), ...asked].join(' '),
    ext_expires_in: rest['expires_in'],
    ...noteRefreshToken(directory, ctx, rest['refresh_token']),
    ...(form['client_info'] && { client_info: Buffer.from(info).toString('base64url') }),
  };
}

function noteRefreshToken(directory: Directory, ctx: Context, token: unknown): object {
  if (typeof token !== 'string') return {};
  const lifetime = directory.refreshTokenLifetime;
  const grant = ctx.oidc.entities.Grant?.jti ?? '';
  const expires = Date.now() + lifetime * 1000;
  directory.memory.refreshTokens.set(token, { expires, grant });
  return directory.tellRefreshTokenLifetime ? { refresh_token_expires_in: lifetime } : {};
}

function correlationOf(ctx: Context): string | undefined {
  const value = ctx.req.headers['client-request-id'];
  return typeof value === 'string' ? value : undefined;
}
