import { CliError } from '../core/errors.ts';
import type { AcquiredToken, DeviceAuthorization, TokenRequest } from '../core/oauth.ts';
import { isKnownAadsts } from '../entra/advice.ts';
import { startCountdown } from './first-redirect.ts';
import type { FlowContext } from './flow.ts';

/** Error codes of RFC 8628 section 3.5, each followed by Entra's own. */
const DECLINED = ['access_denied', 'authorization_declined'];
const EXPIRED = ['expired_token', 'code_expired'];

/** Device authorization grant (RFC 8628): a person signs in on another device. */
export async function deviceCode(
  request: TokenRequest,
  context: FlowContext,
): Promise<AcquiredToken> {
  const client = await context.tokenClient();
  const progress = await context.progress();
  let stop = () => {};
  const show = (device: DeviceAuthorization) => {
    printInstructions(request, context, device);
    const end = performance.now() + device.expiresIn * 1000;
    const endsIn = () => Math.max(0, end - performance.now());
    stop = startCountdown(progress, context.deadline, 'waiting for the sign-in', endsIn);
  };
  try {
    return await client.deviceCode({ ...request, show }, context.deadline);
  } catch (failure) {
    throw asDeviceError(failure, context);
  } finally {
    stop();
  }
}

/** The server's own message is not printed: it could help a phisher (RFC 8628 section 5.4). */
function printInstructions(
  { tenantId, clientId, scopes, authority }: TokenRequest,
  { log, profile }: FlowContext,
  { userCode, verificationUri }: DeviceAuthorization,
): void {
  const where = authority.protocol === 'oidc' ? authority.url : `tenant ${tenantId}`;
  log.say('Device Code Authentication');
  log.say(`Profile ${profile.name} asks ${where} to let app ${clientId} have: ${scopes.join(' ')}`);
  log.say('Enter the code only if you started this command yourself, just now.');
  log.say('Whoever sent you a code to enter wants to use your account.');
  log.say('Open');
  log.say(verificationUri);
  log.say('and enter the code');
  log.say(userCode);
  log.say('Waiting for authentication...');
}

function asDeviceError(failure: unknown, { command }: FlowContext): unknown {
  if (!(failure instanceof CliError)) return failure;
  const { oauthError = '', aadsts } = failure.details;
  const refused = (message: string) =>
    failure.with({ code: 'auth_failed', message, hint: command });
  if (EXPIRED.includes(oauthError)) {
    return refused('the device code expired before anyone signed in');
  }
  const isPolicy = aadsts !== undefined && isKnownAadsts(aadsts);
  if (DECLINED.includes(oauthError) && !isPolicy) return refused('the sign-in was declined');
  return failure;
}
