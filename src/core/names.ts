/** Unique without regard to case. */
export const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** True for two names that differ in nothing but case; what has no name has none in common. */
export function sameName(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a.toLowerCase() === b?.toLowerCase();
}

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

/** The shells that can complete command lines of ours. */
export const SHELL_NAMES = ['bash', 'zsh', 'fish', 'powershell'] as const;

export type ShellName = (typeof SHELL_NAMES)[number];

/** The first word of the call by which a shell asks how a line goes on; no command for people. */
export const COMPLETER = '__complete';

/** What `schemaVersion` and `$schema` of a profiles.json say. */
export const SCHEMA_VERSION = 1;
export const SCHEMA_URL = 'urn:tokencli:profiles:1';
