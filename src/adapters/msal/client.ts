import {
  ConfidentialClientApplication,
  type NodeAuthOptions,
  ProtocolMode,
  PublicClientApplication,
} from '@azure/msal-node';
import type { Authority, GrantRequest } from '../../core/oauth.ts';
import type { Endpoints } from '../../entra/discovery.ts';
import type { MsalNetwork } from './network.ts';

/** A placeholder in the request that MSAL builds: `network.ts` puts the real assertion in its place. */
const ASSERTION = 'assertion';

export type ClientApplication = ConfidentialClientApplication | PublicClientApplication;

/** A confidential client if there is a credential, else a public one. */
export function createClient(
  request: GrantRequest,
  networkClient: MsalNetwork,
  endpoints: Endpoints | undefined,
): ClientApplication {
  const { authority, clientId, capabilities } = request;
  const configuration = {
    auth: {
      clientId,
      authority: authority.url,
      ...credentialOf(request),
      ...(capabilities && { clientCapabilities: capabilities.map((name) => name.toUpperCase()) }),
      ...(endpoints && metadataOf(authority, endpoints)),
    },
    system: {
      networkClient,
      protocolMode: authority.protocol === 'oidc' ? ProtocolMode.OIDC : ProtocolMode.AAD,
      loggerOptions: { loggerCallback: () => {}, piiLoggingEnabled: false },
    },
  };
  return request.credential
    ? new ConfidentialClientApplication(configuration)
    : new PublicClientApplication(configuration);
}

/** Keeps MSAL from discovering the endpoints again: tokencli has read and checked them. */
function metadataOf(authority: Authority, endpoints: Endpoints): Partial<NodeAuthOptions> {
  return {
    knownAuthorities: [new URL(authority.url).host],
    authorityMetadata: JSON.stringify({
      issuer: endpoints.issuer,
      authorization_endpoint: endpoints.authorizationEndpoint ?? endpoints.tokenEndpoint,
      token_endpoint: endpoints.tokenEndpoint,
      jwks_uri: endpoints.jwksUri,
    }),
  };
}

function credentialOf({ credential, thumbprint, sendX5c }: GrantRequest): Partial<NodeAuthOptions> {
  if (!credential) return {};
  if (credential.kind === 'secret') return { clientSecret: credential.secret };
  if (credential.kind === 'assertion') return { clientAssertion: ASSERTION };
  return {
    clientCertificate: {
      privateKey: credential.privateKey,
      ...(thumbprint === 'sha1'
        ? { thumbprint: credential.sha1 }
        : { thumbprintSha256: credential.sha256 }),
      ...(sendX5c && { x5c: credential.chain.join('\n') }),
    },
  };
}
