import { createHash } from 'node:crypto';
import { readVariable } from '../../core/env-value.ts';
import { CliError } from '../../core/errors.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { Env } from '../../core/ports.ts';
import { CREDENTIAL_VARIABLES, type Family } from '../../profiles/variables.ts';
import {
  certificateContent,
  type FileOrigin,
  fileOfVariable,
  IN_VARIABLE,
  readCertificateFile,
} from './certificate-file.ts';
import type { CredentialSource, SourceApp } from './credential-source.ts';
import { type PasswordSource, passwordId, passwordInEnvironment } from './password-source.ts';
import { findFederatedToken, isFederated } from './reference-source.ts';

/**
 * The variable of a family that gives the credential. Of several AZURE_ ones the first counts, as in
 * the Azure SDKs. A federated token gives way to all others, because a cluster may set it for every
 * pod.
 * @throws CliError usage when two TOKENCLI_ ones are set
 */
export function chooseVariable(env: Env, family: Family): string | undefined {
  const [variable, second] = CREDENTIAL_VARIABLES[family].filter((name) => env[name]);
  if (second === undefined || isFederated(second) || family !== 'TOKENCLI') return variable;
  throw new CliError('usage', `${variable} and ${second} are both set`, {
    hint: `unset ${variable}`,
  });
}

/** @throws CliError usage (`chooseVariable`), invalid_data (see `certificate-file.ts`) */
export function inEnvironment(app: SourceApp, family: Family): CredentialSource | undefined {
  const variable = chooseVariable(app.env, family);
  if (variable === undefined) return undefined;
  if (isFederated(variable)) return findFederatedToken(app, variable);
  const text = readVariable(app.env, variable) ?? '';
  if (variable.endsWith('_SECRET')) {
    const fingerprint = `env:${sha256(app.env[variable] ?? '')}`;
    return { kind: 'secret', from: 'environment', variable, fingerprint };
  }
  const password = passwordInEnvironment(app.env, family) ?? { from: 'nowhere' };
  if (variable.endsWith('_PATH')) {
    return { ...certificateFile(app, text, password, fileOfVariable(family)), variable };
  }
  const bytes = certificateContent(text);
  const fingerprint = `env:${sha256(bytes)}:${passwordId(password)}`;
  const known = { kind: 'certificate', from: 'environment', variable } as const;
  return { ...known, bytes, password, origin: IN_VARIABLE, fingerprint };
}

export function certificateFile(
  app: SourceApp,
  path: string,
  password: PasswordSource,
  origin: FileOrigin,
) {
  const bytes = readCertificateFile(app, path, origin);
  const fingerprint = `file:${sha256(bytes)}:${passwordId(password)}`;
  const full = resolveUserPath(app, path);
  const known = { kind: 'certificate', from: 'file', path: full } as const;
  return { ...known, bytes, password, origin, fingerprint };
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
