import {
  ConfidentialClientApplication,
  type NodeAuthOptions,
  ProtocolMode,
  PublicClientApplication,
} from '@azure/msal-node';
import type { Authority, GrantRequest } from '../../core/oauth.ts';
import type { Endpoints } from '../../entra/discovery.ts';
import type { MsalNetwork } from './network.ts';

/** What says which client asks, whom, and how it authenticates. */
type ClientOptions = Omit<GrantRequest, 'scopes' | 'claims'>;

export type ClientApplication = ConfidentialClientApplication | PublicClientApplication;

/** Confidential with a credential, public without. */
export function createClient(
  request: ClientOptions,
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

/** With this MSAL asks nobody about the host: we have asked, and checked the answer. */
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

function credentialOf({
  credential,
  thumbprint,
  sendX5c,
}: ClientOptions): Partial<NodeAuthOptions> {
  if (!credential) return {};
  if (credential.kind === 'secret') return { clientSecret: credential.secret };
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
