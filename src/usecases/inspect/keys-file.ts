import { CliError } from '../../core/errors.ts';
import { readInput } from '../../core/files/input.ts';
import { parseJsonObject } from '../../core/json.ts';
import type { App } from '../../core/ports.ts';
import { decodeText } from '../../core/text.ts';
import type { JsonObject } from '../../tokens/jwt.ts';
import { fittingKeys, issuerMatches, notVerified } from '../../tokens/verify-rules.ts';
import type { TrustedIssuer } from './issuer-keys.ts';
import { LONGEST_INPUT } from './read-token.ts';

/**
 * The keys of a file that may have signed a token. No server is asked.
 * @param file a path, or `-` for stdin
 * @throws CliError invalid_data (no JWK Set, RFC 7517 section 5), auth_failed (it has no such key)
 */
export async function keysOfFile(
  app: App,
  file: string,
  trusted: TrustedIssuer,
  header: JsonObject,
): Promise<JsonObject[]> {
  checkIssuer(trusted);
  const text = decodeText(await readInput(app, file, LONGEST_INPUT));
  const { keys } = parseJsonObject(text ?? '') ?? {};
  if (!Array.isArray(keys)) {
    throw new CliError('invalid_data', `${file} is no set of keys: {"keys": [ … ]}`, {
      hint: 'save what the jwks_uri of the issuer answers',
    });
  }
  const fitting = fittingKeys(keys, header, trusted.issuer);
  if (fitting.length > 0) return fitting;
  throw notVerified(`${file} has no key ${String(header['kid'] ?? 'of this kind')}`);
}

/** A file of keys does not say whose they are, so the issuer must be a trusted authority. */
function checkIssuer({ entra, issuer, authorities }: TrustedIssuer): void {
  const bare = (url: string) => url.replace(/\/+$/, '');
  if (entra || authorities.some((url) => issuerMatches(bare(url), bare(issuer)))) return;
  throw notVerified(`its issuer is ${issuer}, not ${authorities.join(' or ')}`);
}
