import { randomBytes } from 'node:crypto';

/** Ids that the pages show for an application and its tenant. */
export const CLIENT_ID = '00001111-aaaa-2222-bbbb-3333cccc4444';
export const TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
export const DOMAINS = ['contoso.onmicrosoft.com', 'fabrikam.onmicrosoft.com'];
export const PERSON = { username: 'ada@contoso.com', password: randomBytes(12).toString('hex') };

/** What `secret.txt` and `new-secret.txt` hold in the folder where the pages are followed. */
export const SECRETS = [randomBytes(20).toString('base64url'), randomBytes(20).toString('hex')];

/** Names that lead to the test: where people sign in, another issuer, and APIs. */
export const HOSTS = {
  signIn: [
    'login.microsoftonline.com',
    'login.microsoftonline.us',
    'login.partner.microsoftonline.cn',
  ],
  issuer: ['id.example.com'],
  apis: [
    ...['graph.microsoft.com', 'management.azure.com', 'contoso.vault.azure.net'],
    ...['dev.azure.com', 'orders.example.com'],
  ],
};

const id = (digit: number) => CLIENT_ID.replace(/4$/, String(digit));
const [secret = '', other = ''] = SECRETS;
const daemon = { secret, otherSecrets: [other], roles: ['User.Read.All'] };

export const APPS = [
  { id: CLIENT_ID, ...daemon },
  { id: id(5), redirectUris: ['http://localhost'] },
  { id: id(6), secret, redirectUris: ['http://localhost', 'http://localhost:8080'] },
];

export const ISSUER_APP = {
  client_id: 'orders-cli',
  client_secret: secret,
  scope: 'orders.read',
  token_endpoint_auth_method: 'client_secret_post',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
};

/** The profiles that the pages name, as the options that make them. */
export const PROFILES: Readonly<Record<string, readonly string[]>> = {
  graph: ['--client-id', CLIENT_ID, '--client-secret-file', 'secret.txt'],
  ci: ['--client-id', CLIENT_ID, '--client-secret-file', 'secret.txt'],
  me: ['--client-id', id(5), '--flow', 'InteractiveBrowser', '--scope', 'User.Read'],
  web: [
    ...['--client-id', id(6), '--client-secret-file', 'secret.txt'],
    ...['--flow', 'AuthorizationCode', '--scope', 'User.Read'],
  ],
};
