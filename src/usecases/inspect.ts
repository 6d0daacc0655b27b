import { CliError } from '../core/errors.ts';
import type { App, Outcome } from '../core/ports.ts';
import { prettyJson } from '../output/json-text.ts';
import type { OpaqueToken } from '../tokens/jwt.ts';
import { readToken, type TokenSource } from './read-token.ts';

export type InspectInput = TokenSource;

/**
 * Decodes a token and prints what it says; nothing is verified.
 * @throws CliError usage, invalid_data
 */
export async function inspect(app: App, input: InspectInput): Promise<Outcome> {
  const token = await readToken(app, input);
  if (token.kind === 'opaque') throw opaqueError(token);
  const part = token.kind === 'signed' ? token.payload : token.header;
  return { stdout: `${prettyJson(part.text)}\n` };
}

function opaqueError({ compact }: OpaqueToken): CliError {
  return new CliError('invalid_data', `this token of ${compact.length} characters is opaque`);
}
