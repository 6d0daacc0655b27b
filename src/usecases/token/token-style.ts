import { CliError } from '../../core/errors.ts';
import { EXEC_INFO, readExecInfo } from '../../core/kubectl.ts';
import type { TokenFormat } from '../../core/names.ts';
import type { Flags, Values } from '../../core/options.ts';
import type { Env } from '../../core/ports.ts';
import type { TokenStyle } from '../../output/token.ts';

export type StyleArgs = { readonly format?: TokenFormat | undefined } & Values<'env-name'> &
  Flags<'json'>;

const DEFAULT_ENV_NAME = 'ACCESS_TOKEN';

/** How the options want the token to be printed. @throws CliError usage */
export function readTokenStyle(args: StyleArgs, env: Env): TokenStyle {
  const { json, 'env-name': envName } = args;
  const format = args.format ?? (json ? 'json' : 'token');
  if (json && format !== 'json') {
    throw new CliError('usage', `--json and --format ${format} exclude each other`);
  }
  if (envName !== undefined && format !== 'env') {
    throw new CliError('usage', '--env-name is for --format env');
  }
  if (envName !== undefined && !/^[A-Za-z_]\w*$/.test(envName)) {
    throw new CliError('usage', `'${envName}' is no name of a variable`, {
      hint: 'letters, digits and _, and no digit first: --env-name API_TOKEN',
    });
  }
  return { format, envName: envName ?? DEFAULT_ENV_NAME, apiVersion: apiVersionOf(format, env) };
}

function apiVersionOf(format: TokenFormat, env: Env): string {
  if (format !== 'k8s') return '';
  const info = readExecInfo(env);
  if (info) return info.apiVersion;
  throw new CliError('usage', `${EXEC_INFO} asks for no version that is known`, {
    hint: 'say apiVersion: client.authentication.k8s.io/v1 in the kubeconfig',
  });
}
