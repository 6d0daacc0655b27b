import type { NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import type { Deadline } from '../../core/deadline.ts';
import { CliError } from '../../core/errors.ts';
import type { Http } from '../../core/http.ts';
import type { DeviceRequest } from '../../core/oauth.ts';
import { type DeviceGrant, readDeviceAuthorization } from '../../entra/device-authorization.ts';
import { pollForToken } from '../../entra/device-polling.ts';
import type { Endpoints } from '../../entra/discovery.ts';
import { type MsalNetwork, recordingNetwork, withQueryOf } from './network.ts';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

interface DeviceOptions {
  /** Seconds since the epoch. */
  readonly now: () => number;
  readonly http: Http;
  readonly deadline: Deadline;
  readonly endpoints: Endpoints | undefined;
  readonly request: DeviceRequest;
  registerSecret(secret: string): void;
}

/**
 * MSAL requests a device code, then polls for the token. Its polling fails at the first `slow_down`
 * or lost response, so its first token request is answered only when `pollForToken` has ended.
 */
export function withDevicePolling(network: MsalNetwork, options: DeviceOptions): MsalNetwork {
  const { now, http, deadline, endpoints, request } = options;
  let grant: DeviceGrant | undefined;

  const requestCode = async (url: string, sent?: NetworkRequestOptions) => {
    const target = deviceEndpoint(url, options);
    const response = await http.send({ ...post(sent), url: target, deadline, repeat: 'safe' });
    grant = readDeviceAuthorization(response, request.authority, new URL(target).host);
    const { deviceCode, userCode, verificationUri, expiresIn, interval } = grant;
    options.registerSecret(deviceCode);
    request.show({ userCode, verificationUri, expiresIn });
    return {
      status: 200,
      headers: {},
      body: {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: verificationUri,
        // `pollForToken` ends in time; given the exact time, MSAL would refuse the last response
        expires_in: expiresIn + 60,
        interval,
        message: '',
      },
    };
  };

  const polling = recordingNetwork(request.scopes, (exchange, url, sent) => {
    const target = endpoints ? withQueryOf(endpoints.tokenEndpoint, url) : url;
    const form = new URLSearchParams(sent?.body ?? '');
    form.set('grant_type', GRANT_TYPE);
    const message = { ...post(sent), url: target, body: form.toString(), deadline };
    const poll = () => {
      exchange.sentOn = now();
      return http.send({ ...message, repeat: 'never' });
    };
    return pollForToken(poll, grant ?? { interval: 5, expiresIn: 0 }, deadline);
  });

  return {
    ...network,
    exchange: polling.exchange,
    sendPostRequestAsync: async <T>(url: string, sent?: NetworkRequestOptions) => {
      if (grant) return polling.sendPostRequestAsync<T>(url, sent);
      try {
        return (await requestCode(url, sent)) as NetworkResponse<T>;
      } catch (failure) {
        polling.exchange.failure = failure;
        throw failure;
      }
    },
  };
}

function post(sent: NetworkRequestOptions | undefined) {
  return { method: 'POST', headers: sent?.headers ?? {}, body: sent?.body ?? '' } as const;
}

/** MSAL derives its URL from the token endpoint, which is right for Entra alone. */
function deviceEndpoint(url: string, { endpoints, request }: DeviceOptions): string {
  const named = endpoints?.deviceAuthorizationEndpoint;
  if (named !== undefined) return withQueryOf(named, url);
  if (request.authority.protocol === 'entra') return url;
  throw new CliError('auth_failed', `${request.authority.url} has no device flow`, {
    hint: 'use --flow InteractiveBrowser',
  });
}
