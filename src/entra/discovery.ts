import type { Deadline } from '../core/deadline.ts';
import { CliError } from '../core/errors.ts';
import type { Http } from '../core/http.ts';
import type { Authority } from '../core/oauth.ts';
import { shellWord } from '../core/shell-word.ts';
import { CHECK_AUTHORITY_HINT, parseAnswer, quoteServer, readOAuthError } from './oauth-error.ts';
import { withoutTrailingSlash } from './scopes.ts';

/** The endpoints of an issuer (OpenID Connect Discovery 1.0 section 3). Already validated. */
export interface Endpoints {
  readonly issuer: string;
  /** Absent at issuers that only programs sign in to. */
  readonly authorizationEndpoint?: string | undefined;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  /** Optional (RFC 8628 section 4). */
  readonly deviceAuthorizationEndpoint?: string | undefined;
}

/**
 * Fetches the discovery document of an authority.
 * @throws CliError network if there is none, or it names endpoints that are not trusted
 */
export async function discoverEndpoints(
  authority: Authority,
  http: Http,
  deadline: Deadline,
): Promise<Endpoints> {
  const version = authority.protocol === 'entra' ? '/v2.0' : '';
  const url = `${authority.url}${version}/.well-known/openid-configuration`;
  const response = await http.send({ method: 'GET', url, deadline, repeat: 'safe' });
  if (response.status !== 200) throw readOAuthError(response, new URL(url).host);
  const document = parseAnswer(response.body);
  if (!document) {
    throw new CliError('network', 'the discovery document is no JSON object', {
      hint: CHECK_AUTHORITY_HINT,
    });
  }
  const named = {
    issuer: document['issuer'],
    authorizationEndpoint: document['authorization_endpoint'],
    tokenEndpoint: document['token_endpoint'],
    jwksUri: document['jwks_uri'],
    deviceAuthorizationEndpoint: document['device_authorization_endpoint'],
  };
  for (const [name, value] of Object.entries(named)) checkUrl(name, value, authority);
  const endpoints = named as Endpoints;
  if (isExpectedIssuer(endpoints.issuer, authority)) return endpoints;
  throw otherIssuer(endpoints.issuer, authority);
}

/**
 * True for the issuer that the profile names, or else the authority itself. Of Entra only the origin is
 * compared, because the issuer has the tenant's id where the authority may have a domain.
 */
function isExpectedIssuer(found: string, { protocol, url, issuer }: Authority): boolean {
  if (issuer !== undefined) return found === issuer;
  if (protocol === 'oidc') return withoutTrailingSlash(found) === withoutTrailingSlash(url);
  const [there, home] = [new URL(found), new URL(url)];
  // External ID: the authority's host has the tenant's name in it, the issuer's host the tenant's id
  const isExternal = [there, home].every(({ host }) => host.endsWith('.ciamlogin.com'));
  return there.origin === home.origin || isExternal;
}

/**
 * Endpoints of Entra must have the authority's origin. Those of another issuer may be on any https
 * host, and so may the issuer itself, which is compared as a whole.
 */
function checkUrl(name: string, value: unknown, authority: Authority): void {
  const isOptional =
    name === 'deviceAuthorizationEndpoint' ||
    (name === 'authorizationEndpoint' && authority.protocol === 'oidc');
  if (value === undefined && isOptional) return;
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  // RFC 6749 section 3.1 forbids a fragment; a name in front of the host would pass for another host
  const isPlain = url?.protocol === 'https:' && !url.username && !url.password && !url.hash;
  if (!isPlain) throw untrusted(`no plain https ${name}`, authority);
  const isHome = url.origin === new URL(authority.url).origin;
  if (authority.protocol === 'entra' && name !== 'issuer' && !isHome) {
    throw untrusted(`the ${name} ${url.origin}`, authority);
  }
}

function untrusted(found: string, { url, protocol }: Authority): CliError {
  const what = quoteServer(found);
  return new CliError('network', `the discovery document of ${url} names ${what}: not trusted`, {
    hint:
      protocol === 'entra'
        ? 'check the authority; a generic provider needs "protocol": "oidc"'
        : 'check the authority, which must be the URL of the issuer',
  });
}

/**
 * The issuer is not the expected one. Only the user can know if that is right, so the hint is how
 * to accept it.
 */
function otherIssuer(found: string, { url, issuer }: Authority): CliError {
  const name = quoteServer(found);
  if (issuer !== undefined) {
    const message = `the issuer of ${url} is ${name}, and the profile expects ${issuer}`;
    return new CliError('network', message, {
      hint: 'correct it: tokencli config edit -p NAME --issuer URL, or --unset issuer',
    });
  }
  return new CliError('network', `${url} calls itself ${name}: not trusted`, {
    hint: `if that is its name, say so: tokencli config edit -p NAME --issuer ${shellWord(name)}`,
  });
}
