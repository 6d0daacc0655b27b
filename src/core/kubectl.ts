import { parseJsonObject } from './json.ts';
import type { Env } from './ports.ts';

export const EXEC_INFO = 'KUBERNETES_EXEC_INFO';

const GROUP = 'client.authentication.k8s.io';
const VERSIONS: readonly unknown[] = [`${GROUP}/v1`, `${GROUP}/v1beta1`];

/**
 * What kubectl tells the plugin that it runs.
 * https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
 * @returns the version in which kubectl expects the answer, and whether stdin is for the plugin, so
 *   that somebody may be asked; undefined if the version is not known
 */
export function readExecInfo(env: Env) {
  const text = env[EXEC_INFO];
  // clients other than kubectl, such as the one for JavaScript, set nothing
  if (!text) return { apiVersion: `${GROUP}/v1`, interactive: true };
  const { apiVersion, spec } = parseJsonObject(text) ?? {};
  if (!VERSIONS.includes(apiVersion)) return undefined;
  const { interactive } = (spec ?? {}) as { interactive?: unknown };
  return { apiVersion: apiVersion as string, interactive: interactive !== false };
}
