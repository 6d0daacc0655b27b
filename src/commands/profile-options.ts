import { CLOUDS } from '../core/clouds.ts';
import { FLOW_NAMES, PROMPTS } from '../core/flow-names.ts';
import { flag, path, value, values } from './command.ts';

export const certificatePasswordOptions = {
  'certificate-password-stdin': flag("read the certificate's password from stdin"),
  'certificate-password-file': path("read the certificate's password from FILE"),
  'certificate-password-env': value("read the certificate's password from the variable NAME"),
} as const;

/**
 * What `config create` and `config edit` share: the fields of a profile, and a new credential. No
 * option takes a secret as its value: it would appear in the process list and in the shell history.
 */
export const profileOptions = {
  'client-id': value('application (client) id'),
  'tenant-id': value('tenant: GUID or domain'),
  scope: values('scopes, for example https://graph.microsoft.com/.default', { alias: 's' }),
  flow: value(`one of ${FLOW_NAMES.join(', ')}`, { alias: 'f', completes: FLOW_NAMES }),
  certificate: path('certificate with its private key: a PFX or PEM file, read at each use'),
  'import-certificate': flag('copy the certificate into the secret store instead'),
  'client-secret-from': value('where the secret is: env:NAME, file:PATH or command:JSON_ARRAY'),
  'certificate-from': value('the same of a certificate with its key (PEM, PFX, base64)'),
  'assertion-from': value('the same of a federated token; or github, azurePipelines:ID'),
  cloud: value('Microsoft cloud', { choices: CLOUDS }),
  authority: value('https URL of another authority'),
  issuer: value('issuer to the letter, where it is not the authority (custom domains, B2C)'),
  protocol: value('kind of authority', { choices: ['entra', 'oidc'] }),
  'redirect-uri': value('registered redirect URI'),
  'login-hint': value('account to sign in with'),
  prompt: value('what the sign-in page asks for; default leaves it to the issuer', {
    choices: PROMPTS,
  }),
  'min-ttl': value('least life left in a cached token, such as 90s, 10m, 1h (default 5m)'),
  'send-x5c': flag('send the certificate chain (x5c)'),
  thumbprint: value('thumbprint of the assertion', { choices: ['sha256', 'sha1'] }),
  'ca-file': path('PEM file of further certificate authorities'),
  'browser-command': values('the program that opens the browser, then its arguments (repeatable)'),
  'client-capability': values('what callers of the API can handle: claims challenges (cp1)', {
    choices: ['cp1'],
  }),
  'use-certificate': flag('sign in with the certificate, although there is a secret too'),
  'client-secret-stdin': flag('read the client secret from stdin'),
  'client-secret-file': path('read the client secret from FILE'),
  'client-secret-env': value('read the client secret from the environment variable NAME'),
  ...certificatePasswordOptions,
  'secret-expires': value('record when the client secret ends, such as 2030-01-31'),
  verify: flag('request a token first, and change nothing if that fails'),
} as const;
