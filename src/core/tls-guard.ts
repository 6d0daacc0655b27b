import { CliError } from './errors.ts';
import type { Env } from './ports.ts';

/**
 * Refuses NODE_TLS_REJECT_UNAUTHORIZED=0, with which Node would send secrets to a server whose
 * certificate is not valid.
 * @throws CliError usage
 */
export function refuseUncheckedTls(env: Env): void {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return;
  throw new CliError('usage', 'NODE_TLS_REJECT_UNAUTHORIZED=0 would show secrets to anybody', {
    hint: 'unset it; name your own authority: caFile in the profile, or NODE_EXTRA_CA_CERTS',
  });
}
