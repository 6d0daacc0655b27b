import type { Context, Form, Provider } from 'oidc-provider';
import type { Directory } from './directory.ts';
import { refusalOf } from './entra-shape.ts';
import { type Refusal, refusal, refusalBody } from './refusal.ts';
import { split } from './scope-rules.ts';

/**
 * Turns what oidc-provider answers at the token endpoint into what Entra would answer.
 * @param issued gets every access token that is given
 */
export function entraAnswers(directory: Directory, issued: string[]) {
  return async (ctx: Context, next: () => Promise<void>): Promise<void> => {
    await next();
    if (ctx.method !== 'POST' || typeof ctx.body !== 'object' || ctx.body === null) return;
    const form = ctx.req.body ?? {};
    const answer = ctx.body as Record<string, unknown>;
    if (typeof answer['error'] === 'string') {
      const why = refusalOf(ctx) ?? (await explain(directory, ctx, form, answer));
      ctx.status = why.status;
      ctx.body = refusalBody(why, correlationOf(ctx));
    } else if (typeof answer['access_token'] === 'string') {
      issued.push(answer['access_token']);
      ctx.body = tokenAnswer(directory, ctx, form, answer);
    }
    ctx.set('x-ms-request-id', crypto.randomUUID());
  };
}

function tokenAnswer(
  directory: Directory,
  ctx: Context,
  form: Form,
  { scope, ...answer }: Record<string, unknown>,
): object {
  const account = ctx.oidc.entities.Account?.accountId;
  if (account === undefined) return { ...answer, ext_expires_in: answer['expires_in'] };
  const asked = split(form['scope']).filter((one) => ['openid', 'profile', 'email'].includes(one));
  const info = JSON.stringify({ uid: account, utid: directory.tenant });
  return {
    ...answer,
    scope: [...split(String(scope ?? '')), ...asked].join(' '),
    ext_expires_in: answer['expires_in'],
    ...(form['client_info'] && { client_info: Buffer.from(info).toString('base64url') }),
  };
}

async function explain(
  directory: Directory,
  ctx: Context,
  form: Form,
  answer: Record<string, unknown>,
): Promise<Refusal> {
  switch (answer['error']) {
    case 'invalid_client':
      return clientRefusal(ctx.oidc.provider, directory, form);
    case 'unsupported_grant_type':
      return refusal(70003, "The app requested an unsupported grant type '{grant}'.");
    case 'invalid_grant':
      return grantRefusal(form);
    default:
      return refusal(9002313, 'Invalid request. Request is malformed or invalid.');
  }
}

async function clientRefusal(
  provider: Provider,
  directory: Directory,
  form: Form,
): Promise<Refusal> {
  const id = form['client_id'] ?? subject(form['client_assertion']);
  const client = await provider.Client.find(id ?? '');
  if (!client) {
    return refusal(
      700016,
      `Application with identifier '${id}' was not found in the directory '${directory.tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
    );
  }
  if (form['client_assertion']) {
    return refusal(
      700027,
      `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.] Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${id}'.`,
    );
  }
  if (!form['client_secret']) {
    return refusal(
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  }
  if (client.clientSecretExpiresAt) {
    return refusal(7000222, `The provided client secret keys for app '${id}' are expired.`);
  }
  return refusal(
    7000215,
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${id}'.`,
  );
}

function grantRefusal(form: Form): Refusal {
  if (form['grant_type'] === 'refresh_token') {
    return refusal(70008, 'The refresh token has expired or was revoked.');
  }
  return refusal(54005, 'OAuth2 Authorization code was already redeemed, or is not valid.');
}

function subject(assertion: string | undefined): string | undefined {
  try {
    const part = assertion?.split('.')[1] ?? '';
    return JSON.parse(Buffer.from(part, 'base64url').toString()).sub;
  } catch {
    return undefined;
  }
}

function correlationOf(ctx: Context): string | undefined {
  const value = ctx.req.headers['client-request-id'];
  return typeof value === 'string' ? value : undefined;
}
