import { CLIENT_ID_RULES, isClientId } from '../../core/client-id.ts';
import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import {
  type CarriedSecret,
  checkTransfer,
  type Transfer,
  uncheckedProfile,
} from '../../profiles/transfer.ts';
import { otherAuthority } from '../../profiles/transfer-entra-auth-cli.ts';
import { readAuthorityHost } from '../../profiles/variables.ts';
import { fileOfVariable, refuseContent } from '../credentials/certificate-file.ts';
import { refuseNoSecret } from '../secrets/secret-flaw.ts';

const DEFAULT_NAME = 'azure';

/**
 * The profile that the variables of the Azure SDKs describe (azure-identity, EnvironmentCredential).
 * @param name of the profile; `azure` by default
 * @throws CliError usage when AZURE_CLIENT_ID is absent or no id, invalid_data when another value
 *   cannot be right
 */
export function readEnvironment(app: App, name = DEFAULT_NAME): Transfer {
  const value = (variable: string) => readVariable(app.env, `AZURE_${variable}`);
  const clientId = value('CLIENT_ID');
  if (clientId === undefined) {
    throw new CliError('usage', 'AZURE_CLIENT_ID is not set: there is nothing to import');
  }
  if (!isClientId(clientId)) {
    throw new CliError('usage', `AZURE_CLIENT_ID ${CLIENT_ID_RULES.entra}`);
  }
  const secret = value('CLIENT_SECRET');
  const path = value('CLIENT_CERTIFICATE_PATH');
  const password = value('CLIENT_CERTIFICATE_PASSWORD');
  for (const hidden of [secret, password]) if (hidden !== undefined) app.log.registerSecret(hidden);
  if (secret !== undefined) refuseNoSecret(secret, 'AZURE_CLIENT_SECRET');
  if (path !== undefined) refuseContent(path, fileOfVariable('AZURE'));
  const host = value('AUTHORITY_HOST');
  // azure-identity uses the secret if both are given
  const usesCertificate = secret === undefined && path !== undefined;
  const fields = {
    name,
    clientId,
    tenantId: value('TENANT_ID'),
    ...otherAuthority(host && readAuthorityHost(host)),
    loginHint: value('USERNAME'),
    ...(usesCertificate && { useCertificate: true, certificatePath: resolveUserPath(app, path) }),
    sendX5c: /^(1|true)$/i.test(value('CLIENT_SEND_CERTIFICATE_CHAIN') ?? '') || undefined,
  };
  const profile = uncheckedProfile(fields);
  const secrets: CarriedSecret[] = [];
  if (secret !== undefined) secrets.push({ kind: 'clientSecret', value: secret });
  if (usesCertificate && password !== undefined) {
    secrets.push({ kind: 'certificatePassword', value: password });
  }
  const missing = secret === undefined && path === undefined && value('USERNAME') === undefined;
  const expected: CarriedSecret[] = missing ? [{ kind: 'clientSecret' }] : [];
  const notes = ['FEDERATED_TOKEN_FILE', 'PASSWORD']
    .filter((variable) => value(variable) !== undefined)
    .map((variable) => `AZURE_${variable} has no place in a profile`);
  const carried = { profile, secrets: [...secrets, ...expected], notes };
  return checkTransfer({ profiles: [carried] }, 'the environment');
}
