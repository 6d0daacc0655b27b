import type { Context, Form, Provider } from 'oidc-provider';
import { DEVICE_GRANT } from './apps.ts';
import type { Directory } from './directory.ts';
import { type Refusal, refusal } from './refusal.ts';
import { userResource } from './scope-rules.ts';

/** Entra's number and words for what oidc-provider refused. */
export async function explain(
  directory: Directory,
  ctx: Context,
  form: Form,
  error: string,
): Promise<Refusal> {
  switch (error) {
    case 'invalid_client':
      return clientRefusal(ctx.oidc.provider, directory, form);
    case 'unsupported_grant_type':
      return refusal(70003, "The app requested an unsupported grant type '{grant}'.");
    case 'invalid_scope':
    case 'invalid_target': {
      const found = userResource(form['scope'], directory.resources);
      return 'number' in found ? found : malformed();
    }
    case 'invalid_grant':
      return grantRefusal(directory, form);
    case 'authorization_pending':
      return refusal(
        70016,
        'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
      );
    case 'expired_token':
      return expiredCode();
    case 'access_denied':
      return refusal(70017, 'The user declined the authorization.');
    default:
      return malformed();
  }
}

function malformed(): Refusal {
  return refusal(9002313, 'Invalid request. Request is malformed or invalid.');
}

function expiredCode(): Refusal {
  return refusal(
    70020,
    "The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
  );
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

function grantRefusal({ memory }: Directory, form: Form): Refusal {
  if (form['grant_type'] === DEVICE_GRANT) {
    const code = memory.deviceCodes.get(form['device_code'] ?? '');
    if (code && code.expires <= Date.now()) return expiredCode();
    return refusal(70018, 'Invalid verification code. The device code was not recognized.');
  }
  if (form['grant_type'] !== 'refresh_token') {
    return refusal(54005, 'OAuth2 Authorization code was already redeemed, or is not valid.');
  }
  const token = memory.refreshTokens.get(form['refresh_token'] ?? '');
  if (memory.families.get(token?.grant ?? '')?.revoked) {
    const text =
      'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.';
    return { ...refusal(50173, text), suberror: 'bad_token' };
  }
  if (token && token.expires <= Date.now()) {
    return refusal(700082, 'The refresh token has expired due to inactivity.');
  }
  return refusal(70008, 'The refresh token has expired or was revoked.');
}

function subject(assertion: string | undefined): string | undefined {
  try {
    const part = assertion?.split('.')[1] ?? '';
    return JSON.parse(Buffer.from(part, 'base64url').toString()).sub;
  } catch {
    return undefined;
  }
}
