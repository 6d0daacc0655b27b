import type { NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import { CliError } from '../../core/errors.ts';
import type { Authority, DeviceRequest } from '../../core/oauth.ts';
import { type DeviceGrant, readDeviceAuthorization } from '../../entra/device-authorization.ts';
import { pollForToken } from '../../entra/device-polling.ts';
import type { Endpoints } from '../../entra/discovery.ts';
import {
  type MsalNetwork,
  type NetworkOptions,
  recordingNetwork,
  toHttpRequest,
  withQueryOf,
} from './network.ts';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * MSAL requests a device code, then polls for the token. Its polling fails at the first `slow_down`
 * or lost response, so its first token request is answered only when `pollForToken` has ended.
 */
export function createDeviceNetwork(
  options: NetworkOptions,
  request: DeviceRequest,
  registerSecret: (secret: string) => void,
): MsalNetwork {
  const { now, http, deadline, endpoints } = options;
  let grant: DeviceGrant | undefined;

  const requestCode = async (url: string, sent?: NetworkRequestOptions) => {
    const target = deviceEndpoint(url, endpoints, request.authority);
    const response = await http.send({ ...toHttpRequest(options, url, sent), url: target });
    grant = readDeviceAuthorization(response, request.authority, new URL(target).host);
    const { deviceCode, userCode, verificationUri, expiresIn, interval } = grant;
    registerSecret(deviceCode);
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

  const polling = recordingNetwork(request.scopes, async (url, sent) => {
    const asked = { ...options, repeat: 'never', form: { grant_type: GRANT_TYPE } } as const;
    const message = toHttpRequest(asked, url, sent);
    let sentOn = now();
    const poll = () => {
      sentOn = now();
      return http.send(message);
    };
    const response = await pollForToken(poll, grant ?? { interval: 5, expiresIn: 0 }, deadline);
    return { response, sentOn };
  });

  return {
    ...polling,
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

/** MSAL derives its URL from the token endpoint, which is right for Entra alone. */
function deviceEndpoint(
  url: string,
  endpoints: Endpoints | undefined,
  authority: Authority,
): string {
  const named = endpoints?.deviceAuthorizationEndpoint;
  if (named !== undefined) return withQueryOf(named, url);
  if (authority.protocol === 'entra') return url;
  throw new CliError('auth_failed', `${authority.url} has no device flow`, {
    hint: 'use --flow InteractiveBrowser',
  });
}
