import type { Env } from './ports.ts';

/** Variables that hold a credential or name its file, of tokencli and of the Azure SDKs. */
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
 * Variables by which Azure's tools take other secrets: `AZURE_STORAGE_KEY`, `AZURE_DEVOPS_EXT_PAT`, and
 * `AZURE_CREDENTIALS` of GitHub jobs. `AZURE_TOKEN_CREDENTIALS` holds none: it names a kind.
 */
const OTHER_OF_AZURE =
  /^AZURE_(?!TOKEN_CREDENTIALS$)(?:.+_)?(?:SECRET|PASSWORD|KEY|PAT|TOKEN|CONNECTION_STRING|CREDENTIALS)$/;

/**
 * The environment for a program of the user: without the variables that hold or open a secret.
 * @param also further names to leave out, such as the variable that a profile's reference names
 */
export function withoutSecretVariables(env: Env, also: readonly string[] = []): Env {
  // on Windows `Path` and `PATH` are the same variable
  const left = new Set([...SECRET_VARIABLES, ...also].map((name) => name.toUpperCase()));
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => {
      const upper = name.toUpperCase();
      return !left.has(upper) && !OTHER_OF_AZURE.test(upper);
    }),
  );
}
