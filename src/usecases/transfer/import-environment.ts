import { CLIENT_ID_RULES, isClientId } from '../../core/client-id.ts';
import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App, Env } from '../../core/ports.ts';
import {
  type CarriedSecret,
  checkTransfer,
  type Transfer,
  uncheckedProfile,
} from '../../profiles/transfer.ts';
import { otherAuthority } from '../../profiles/transfer-entra-auth-cli.ts';
import { authorityHost, FAMILIES } from '../../profiles/variables.ts';
import {
  CONTENT_VARIABLE,
  certificateContent,
  fileOfVariable,
  IN_VARIABLE,
  refuseContent,
} from '../credentials/certificate-file.ts';
import { chooseVariable } from '../credentials/environment-source.ts';
import { certificateSecret } from '../credentials/new-certificate.ts';
import { parseCertificate } from '../credentials/parse-certificate.ts';
import { isFederated } from '../credentials/reference-source.ts';
import { refuseNoSecret } from '../secrets/secret-flaw.ts';

const DEFAULT_NAME = 'azure';

/** Variables of the environment or of a file. */
export interface GivenVariables {
  readonly env: Env;
  /** For messages. */
  readonly where: string;
  /** Of the profile; `azure` by default. */
  readonly name?: string | undefined;
  readonly notes?: readonly string[];
}

/**
 * The profile that the variables of the Azure SDKs describe (azure-identity, EnvironmentCredential).
 * @param name of the profile; `azure` by default
 * @throws CliError usage when AZURE_CLIENT_ID is absent or no id, invalid_data when another value
 *   cannot be right
 */
export async function readEnvironment(app: App, name: string | undefined): Promise<Transfer> {
  const azure = Object.entries(app.env).filter(([variable]) => variable.startsWith('AZURE_'));
  const env = Object.fromEntries(azure);
  return transferOfVariables(app, { env, where: 'the environment', name });
}

/** The same with TOKENCLI_ variables, which come before those of the Azure SDKs. */
export async function transferOfVariables(app: App, given: GivenVariables): Promise<Transfer> {
  const { env, where } = given;
  const value = (name: string) => readVariable(env, `AZURE_${name}`);
  const id = (name: string) => readVariable(env, `TOKENCLI_${name}`) ?? value(name);
  const clientId = id('CLIENT_ID');
  if (clientId === undefined) {
    throw new CliError('usage', 'AZURE_CLIENT_ID is not set: there is nothing to import');
  }
  if (!isClientId(clientId)) {
    const family = value('CLIENT_ID') === clientId ? 'AZURE' : 'TOKENCLI';
    throw new CliError('usage', `${family}_CLIENT_ID ${CLIENT_ID_RULES.entra}`);
  }
  const { fields, secrets } = await credentialOf(app, env);
  const profile = uncheckedProfile({
    name: given.name ?? DEFAULT_NAME,
    clientId,
    tenantId: id('TENANT_ID'),
    ...otherAuthority(authorityHost(env)),
    loginHint: value('USERNAME'),
    ...fields,
    sendX5c: /^(1|true)$/i.test(value('CLIENT_SEND_CERTIFICATE_CHAIN') ?? '') || undefined,
  });
  const found = secrets.length > 0 || Object.keys(fields).length > 0;
  const isMissing = !found && value('USERNAME') === undefined;
  const expected: CarriedSecret[] = isMissing ? [{ kind: 'clientSecret' }] : [];
  const tokens =
    'assertionFrom' in fields ? [] : FAMILIES.map((each) => `${each}_FEDERATED_TOKEN_FILE`);
  const noPlace = [...tokens, 'AZURE_PASSWORD']
    .filter((variable) => readVariable(env, variable) !== undefined)
    .map((variable) => `${variable} has no place in a profile`);
  const notes = [...noPlace, ...(given.notes ?? [])];
  return checkTransfer(
    { profiles: [{ profile, secrets: [...secrets, ...expected], notes }] },
    where,
  );
}

interface Found {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly secrets: readonly CarriedSecret[];
}

async function credentialOf(app: App, env: Env): Promise<Found> {
  for (const family of FAMILIES) {
    const variable = chooseVariable(env, family);
    if (variable === undefined) continue;
    const value = readVariable(env, variable) ?? '';
    if (isFederated(variable)) {
      refuseContent(value, { name: variable });
      return { fields: { assertionFrom: { file: resolveUserPath(app, value) } }, secrets: [] };
    }
    const password = readVariable(env, `${family}_CLIENT_CERTIFICATE_PASSWORD`);
    if (password) app.log.registerSecret(password);
    if (variable.endsWith('_PATH')) {
      refuseContent(value, fileOfVariable(family));
      const path = { useCertificate: true, certificatePath: resolveUserPath(app, value) };
      const secrets: CarriedSecret[] =
        password === undefined ? [] : [{ kind: 'certificatePassword', value: password }];
      return { fields: path, secrets };
    }
    app.log.registerSecret(value);
    if (variable === CONTENT_VARIABLE) return importedCertificate(app, value, password ?? '');
    refuseNoSecret(value, variable);
    return { fields: {}, secrets: [{ kind: 'clientSecret', value }] };
  }
  return { fields: {}, secrets: [] };
}

async function importedCertificate(app: App, text: string, password: string): Promise<Found> {
  const bytes = certificateContent(text);
  const opened = await parseCertificate(app, bytes, password, CONTENT_VARIABLE, IN_VARIABLE);
  return { fields: { useCertificate: true }, secrets: [certificateSecret(opened)] };
}
