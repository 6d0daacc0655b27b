/** Matches a profile name. Two names that differ only in case are the same name. */
export const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const NAME_RULES =
  'letters, digits, dots, underscores and hyphens, at most 64, beginning with a letter or digit';

/** The profile that the environment's variables alone describe. No stored profile can have its name. */
export const ENV_PROFILE = '@env';

/** True if both names are given and differ at most in case. */
export function sameName(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a.toLowerCase() === b?.toLowerCase();
}

/**
 * What `config edit --unset` accepts, and which fields of a profile each word removes.
 * `certificates` and `clientSecrets` stand for the profile's references to stored secrets of that
 * kind.
 */
export const UNSET_FIELDS = {
  scope: ['scope', 'scopes'],
  flow: ['flow'],
  cloud: ['cloud'],
  authority: ['authority'],
  issuer: ['issuer'],
  protocol: ['protocol'],
  'redirect-uri': ['redirectUri'],
  'login-hint': ['loginHint'],
  prompt: ['prompt'],
  'min-ttl': ['minTtl'],
  'ca-file': ['caFile'],
  'browser-command': ['browserCommand'],
  'client-capability': ['clientCapabilities'],
  'send-x5c': ['sendX5c'],
  thumbprint: ['thumbprint'],
  'use-certificate': ['useCertificate'],
  certificate: ['certificatePath', 'useCertificate', 'certificates'],
  'client-secret': ['clientSecrets'],
  'client-secret-from': ['clientSecretFrom'],
  'certificate-from': ['certificateFrom'],
  'assertion-from': ['assertionFrom'],
} as const;

export const UNSET_NAMES = Object.keys(UNSET_FIELDS) as (keyof typeof UNSET_FIELDS)[];

/** How `get-token` prints a token (`output/token.ts`). */
export const TOKEN_FORMATS = [
  ...(['token', 'json', 'header', 'headervalue'] as const),
  ...(['curl', 'env', 'k8s'] as const),
] as const;

export type TokenFormat = (typeof TOKEN_FORMATS)[number];

/** The shells that have a completion script. */
export const SHELL_NAMES = ['bash', 'zsh', 'fish', 'powershell'] as const;

export type ShellName = (typeof SHELL_NAMES)[number];

/** The hidden command by which a completion script asks how a command line may continue. */
export const COMPLETER = '__complete';

/** The values of `schemaVersion` and `$schema` in profiles.json. */
export const SCHEMA_VERSION = 1;
export const SCHEMA_URL = 'urn:tokencli:profiles:1';
