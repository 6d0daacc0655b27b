import { CliError } from '../../core/errors.ts';
import { isGuid } from '../../core/tenant.ts';
import { decodeAnyText } from '../../core/text.ts';

/** What git says to a helper: https://git-scm.com/docs/git-credential#IOFMT */
export interface CredentialRequest {
  readonly protocol: string;
  /** In lower case, without the port 443; empty where git names none. */
  readonly host: string;
  /** The secret of `store` and `erase`. */
  readonly secret: string | undefined;
  /** git, from 2.46 on, takes a Bearer token as such. */
  readonly takesBearer: boolean;
  /** The tenant that the server wants tokens of, in lower case. */
  readonly tenant: string | undefined;
}

/** An empty line ends a request; the end of stdin does too. */
export const REQUEST_END = '\n\n';

/** The tenant that Azure DevOps names for an organization without a tenant. */
const NO_TENANT = '00000000-0000-0000-0000-000000000000';
const AUTHORIZATION_URI = /(?:^|,)\s*bearer\s.*?\bauthorization_uri="?(https:\/\/[^\s",]+)/i;

/** @throws CliError invalid_data; the message shows nothing of what was read */
export function readRequest(bytes: Uint8Array): CredentialRequest {
  const [request = ''] = decodeAnyText(bytes).replaceAll('\r\n', '\n').split(REQUEST_END);
  const values = new Map<string, string[]>();
  for (const line of request.split('\n').filter(Boolean)) {
    const [, key, value] = /^([^=]+)=(.*)$/.exec(line) ?? [];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is refused
    if (key === undefined || value === undefined || /[\u0000\r]/.test(line)) {
      const why = 'a line of it is no KEY=VALUE';
      throw new CliError('invalid_data', `what git says on stdin cannot be read: ${why}`);
    }
    // an empty value of a list empties the list
    if (key.endsWith('[]') && value !== '') values.set(key, [...(values.get(key) ?? []), value]);
    else values.set(key, key.endsWith('[]') ? [] : [value]);
  }
  const [protocol = ''] = values.get('protocol') ?? [];
  const [host = ''] = values.get('host') ?? [];
  return {
    protocol,
    host: host.toLowerCase().replace(/:443$/, ''),
    secret: (values.get('password') ?? values.get('credential'))?.[0],
    takesBearer: values.get('capability[]')?.includes('authtype') === true,
    tenant: tenantOf(values.get('wwwauth[]') ?? []),
  };
}

/** The path of `Bearer authorization_uri=https://login.microsoftonline.com/TENANT`. */
function tenantOf(challenges: readonly string[]): string | undefined {
  for (const challenge of challenges) {
    const uri = AUTHORIZATION_URI.exec(challenge)?.[1] ?? '';
    const tenant = URL.canParse(uri) ? new URL(uri).pathname.split('/')[1]?.toLowerCase() : '';
    if (tenant && isGuid(tenant) && tenant !== NO_TENANT) return tenant;
  }
  return undefined;
}

/** @param expiresOn seconds since the epoch */
export function formatAnswer(accessToken: string, expiresOn: number, bearer: boolean): string {
  const answer = bearer
    ? // git keeps an ephemeral credential to itself: no other helper gets to store it
      ['capability[]=authtype', 'authtype=Bearer', `credential=${accessToken}`, 'ephemeral=1']
    : ['username=tokencli', `password=${accessToken}`];
  return `${[...answer, `password_expiry_utc=${Math.floor(expiresOn)}`].join('\n')}\n`;
}
