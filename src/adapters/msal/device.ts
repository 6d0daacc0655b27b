import type { NetworkRequestOptions } from '@azure/msal-node';
import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { DeviceRequest } from '../../core/oauth.ts';
import type { Http } from '../../core/ports.ts';
import { type DeviceGrant, readDeviceAuthorization } from '../../entra/device-authorization.ts';
import { pollForToken } from '../../entra/device-polling.ts';
import type { Endpoints } from '../../entra/discovery.ts';
import { type MsalNetwork, watched, withQueryOf } from './network.ts';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

interface DeviceSetting {
  /** Seconds since the epoch. */
  readonly now: () => number;
  readonly http: Http;
  readonly deadline: Deadline;
  readonly endpoints: Endpoints | undefined;
  readonly request: DeviceRequest;
  registerSecret(secret: string): void;
}

/**
 * MSAL asks twice: for a code, then for the token, again and again. Its own polling ends at the first
 * `slow_down` or lost answer, so the second request does not come back before the person is done.
 */
export function withDevicePolling(plain: MsalNetwork, setting: DeviceSetting): MsalNetwork {
  const { http, deadline, endpoints, request } = setting;
  let grant: DeviceGrant | undefined;

  const askForCode = async (url: string, options?: NetworkRequestOptions) => {
    const target = deviceEndpoint(url, setting);
    const response = await http.send({ ...post(options), url: target, deadline, repeat: 'safe' });
    grant = readDeviceAuthorization(response, request.authority, new URL(target).host);
    const { deviceCode, userCode, verificationUri, expiresIn, interval } = grant;
    setting.registerSecret(deviceCode);
    request.show({ userCode, verificationUri, expiresIn });
    return {
      status: 200,
      headers: {},
      body: {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: verificationUri,
        // ours ends the wait; with the exact time MSAL would refuse the last poll
        expires_in: expiresIn + 60,
        interval,
        message: '',
      },
    };
  };

  const polling = watched(request.scopes, (exchange, url, options) => {
    const target = endpoints ? withQueryOf(endpoints.tokenEndpoint, url) : url;
    const form = new URLSearchParams(options?.body ?? '');
    form.set('grant_type', GRANT_TYPE);
    const message = { ...post(options), url: target, body: form.toString(), deadline };
    const poll = () => {
      exchange.sentOn = setting.now();
      return http.send({ ...message, repeat: 'never' });
    };
    return pollForToken(poll, grant ?? { interval: 5, expiresIn: 0 }, deadline);
  });

  return {
    ...plain,
    exchange: polling.exchange,
    sendPostRequestAsync: async <T>(url: string, options?: NetworkRequestOptions) => {
      if (grant) return polling.sendPostRequestAsync<T>(url, options);
      try {
        return (await askForCode(url, options)) as Awaited<
          ReturnType<typeof polling.sendPostRequestAsync<T>>
        >;
      } catch (failure) {
        polling.exchange.failure = failure;
        throw failure;
      }
    },
  };
}

function post(options: NetworkRequestOptions | undefined) {
  return { method: 'POST', headers: options?.headers ?? {}, body: options?.body ?? '' } as const;
}

/** MSAL guesses it from the token endpoint, which is right for Entra alone. */
function deviceEndpoint(url: string, { endpoints, request }: DeviceSetting): string {
  const named = endpoints?.deviceAuthorizationEndpoint;
  if (named !== undefined) return withQueryOf(named, url);
  if (request.authority.protocol === 'entra') return url;
  throw new CliError('auth_failed', `${request.authority.url} has no device flow`, {
    hint: 'use --flow InteractiveBrowser',
  });
}
