import type { TokenFormat } from '../core/names.ts';
import type { AccessToken, TokenRequest } from '../core/oauth.ts';
import type { App, Env } from '../core/ports.ts';
import { utcSecond } from './dates.ts';
import { jsonDocument, jsonLine } from './json-text.ts';

/** An access token and what `get-token --json` prints with it. */
export interface PrintedToken extends AccessToken, Pick<TokenRequest, 'flow' | 'tenantId'> {
  readonly profile: string;
  /** The signed-in user; absent when the application signed in for itself. */
  readonly account?: string | undefined;
  readonly fromCache: boolean;
}

/** How a token is printed. */
export interface TokenStyle {
  readonly format: TokenFormat;
  /** Of the variable, for `env`. */
  readonly envName: string;
  /** Of the answer to kubectl, for `k8s`. */
  readonly apiVersion: string;
}

/** The output of `get-token`, with a newline at its end. */
export function formatToken(token: PrintedToken, style: TokenStyle): string {
  return `${textOf(token, style)}\n`;
}

function textOf(token: PrintedToken, { format, envName, apiVersion }: TokenStyle): string {
  const { accessToken } = token;
  switch (format) {
    case 'token':
      return accessToken;
    case 'json':
      return jsonDocument(tokenDocument(token));
    case 'headervalue':
      return `Bearer ${accessToken}`;
    case 'header':
      return `Authorization: Bearer ${accessToken}`;
    case 'curl':
      // in a file of options, curl reads a backslash before a quote or a backslash as an escape
      return `header = "Authorization: Bearer ${accessToken.replace(/["\\]/g, '\\$&')}"`;
    case 'env':
      return `${envName}='${accessToken.replaceAll("'", "'\\''")}'`;
    case 'k8s':
      return jsonLine({
        apiVersion,
        kind: 'ExecCredential',
        status: { token: accessToken, expirationTimestamp: utcSecond(token.expiresOn) },
      });
  }
}

function tokenDocument(token: PrintedToken): Record<string, unknown> {
  const epoch = Math.floor(token.expiresOn);
  return {
    accessToken: token.accessToken,
    expiresOn: utcSecond(epoch),
    tokenType: token.tokenType,
    scopes: token.scopes,
    expiresOnEpoch: epoch,
    profile: token.profile,
    flow: token.flow,
    tenantId: token.tenantId,
    account: token.account ?? null,
    fromCache: token.fromCache,
  };
}

/**
 * Tells the CI system to hide a secret in its log. The command contains the secret, so this is the
 * only place that writes one to stderr, past our own log, which would hide it. Both systems read
 * commands on stderr too, and do not show this one.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 * https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
 */
export function maskInCi({ env, io, log }: Pick<App, 'env' | 'io' | 'log'>, secret: string): void {
  const command = maskCommand(env, secret);
  if (command !== undefined) io.writeStderr(`${command}\n`);
  else log.verbose('--mask: neither GitHub Actions nor Azure Pipelines is there to hide the token');
}

function maskCommand(env: Env, secret: string): string | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return `::add-mask::${secret.replaceAll('%', '%25')}`;
  const isPipeline = env['TF_BUILD']?.toLowerCase() === 'true';
  return isPipeline ? `##vso[task.setsecret]${secret.replaceAll('%', '%AZP25')}` : undefined;
}
