import type { FlowRequest } from './flow.ts';

const DEFAULT_REGISTERED = 'http://localhost:8080';
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/** The redirect URI that the app registration names, for AuthorizationCode. */
export function registeredUri({ redirectUri = DEFAULT_REGISTERED }: FlowRequest): string {
  return redirectUri;
}

/**
 * Any free port will do for a public client (RFC 8252 section 7.3); the path must be the registered
 * one. A generic issuer may insist on the port.
 */
export function ephemeralUri({ redirectUri, authority }: FlowRequest): string {
  const url = redirectUri !== undefined && isLoopback(redirectUri) && new URL(redirectUri);
  if (!url) return 'http://localhost';
  const path = url.pathname === '/' ? '' : url.pathname;
  return `http://${authority.protocol === 'oidc' ? url.host : url.hostname}${path}`;
}

/** True if the answer to this URI reaches this machine by itself. */
export function isLoopback(uri: string): boolean {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  return url?.protocol === 'http:' && LOOPBACK_HOSTS.includes(url.hostname);
}
