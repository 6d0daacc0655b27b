/**
 * What `config edit --unset` takes, and the fields of a profile that it means; `certificates` and
 * `clientSecrets` are the references of that kind.
 */
export const UNSET_FIELDS = {
  scope: ['scope', 'scopes'],
  flow: ['flow'],
  cloud: ['cloud'],
  authority: ['authority'],
  protocol: ['protocol'],
  'redirect-uri': ['redirectUri'],
  'login-hint': ['loginHint'],
  'ca-file': ['caFile'],
  'browser-command': ['browserCommand'],
  'client-capability': ['clientCapabilities'],
  'send-x5c': ['sendX5c'],
  thumbprint: ['thumbprint'],
  'use-certificate': ['useCertificate'],
  certificate: ['certificatePath', 'useCertificate', 'certificates'],
  'client-secret': ['clientSecrets'],
} as const;

export const UNSET_NAMES = Object.keys(UNSET_FIELDS) as (keyof typeof UNSET_FIELDS)[];
