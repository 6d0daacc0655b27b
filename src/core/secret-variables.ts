import type { Env } from './ports.ts';

/** What holds a credential, or names the file that does; ours and those of the Azure SDKs alike. */
const OF_BOTH_FAMILIES = [
  'CLIENT_SECRET',
  'CLIENT_CERTIFICATE',
  'CLIENT_CERTIFICATE_PATH',
  'CLIENT_CERTIFICATE_PASSWORD',
  'FEDERATED_TOKEN_FILE',
];

const SECRET_VARIABLES = [
  ...OF_BOTH_FAMILIES.flatMap((name) => [`TOKENCLI_${name}`, `AZURE_${name}`]),
  'TOKENCLI_STORE_KEY',
  'TOKENCLI_STORE_KEY_FILE',
  'AZURE_USERNAME',
  'AZURE_PASSWORD',
];

/**
 * The environment for a program of the user's: without the variables that hold or open a secret.
 * @param also further names to leave out, such as the variable that a profile's reference names
 */
export function withoutSecretVariables(env: Env, also: readonly string[] = []): Env {
  // Windows does not tell names by their case
  const left = new Set([...SECRET_VARIABLES, ...also].map((name) => name.toUpperCase()));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !left.has(name.toUpperCase())));
}
