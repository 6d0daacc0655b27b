import type { App, Env } from '../core/ports.ts';

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
