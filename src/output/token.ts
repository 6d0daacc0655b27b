import type { FlowName } from '../core/flow-names.ts';
import { utcSecond } from './dates.ts';
import { jsonDocument } from './json-text.ts';

/** An access token and what `get-token --json` prints with it. */
export interface TokenResult {
  readonly accessToken: string;
  /** Seconds since the epoch. */
  readonly expiresOn: number;
  readonly tokenType: string;
  readonly scopes: readonly string[];
  readonly profile: string;
  readonly flow: FlowName;
  readonly tenantId: string;
  /** The signed-in user; absent when the application signed in for itself. */
  readonly account?: string | undefined;
  readonly fromCache: boolean;
}

/** The output of `get-token`: the token alone or a JSON document, and a newline. */
export function formatToken(token: TokenResult, json: boolean): string {
  return json ? `${jsonDocument(tokenDocument(token))}\n` : `${token.accessToken}\n`;
}

function tokenDocument(token: TokenResult): Record<string, unknown> {
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
