import { CliError } from '../../core/errors.ts';
import type { App, Outcome, Style } from '../../core/ports.ts';
import { describeDate, describeExpiry } from '../../output/dates.ts';
import { compactJson, jsonDocument, prettyJson } from '../../output/json-text.ts';
import { cleanLines } from '../../output/terminal-text.ts';
import { findClaim, timesOf } from '../../tokens/claims.ts';
import type { JsonObject, SignedToken } from '../../tokens/jwt.ts';
import { explanationData, explanationPage } from './explain-page.ts';
import { explainToken } from './explain-token.ts';
import type { Verification } from './verify-token.ts';

/** How `inspect` prints a signed token. */
export interface View {
  readonly full?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly verification: Verification | undefined;
  readonly style: Style | undefined;
}

/**
 * The payload as JSON; with `--full` the whole token; with `--verify --json` the verification and
 * the token.
 */
export function formatSigned(
  { header, payload, signature }: SignedToken,
  { full, json, verification, style }: View,
): string {
  const parts = `"header":${header.text},"payload":${payload.text}`;
  if (full) {
    return prettyJson(`{${parts},"signature":${JSON.stringify(signature)}}`, style);
  }
  if (verification && json) {
    const facts = JSON.stringify({ verified: true, ...verification }).slice(1, -1);
    return prettyJson(`{${facts},${parts}}`, style);
  }
  return prettyJson(payload.text, style);
}

/**
 * One claim: a string without quotes, anything else as JSON.
 * @throws CliError auth_failed if it is absent
 */
export function showClaim(app: App, { payload }: SignedToken, name: string): Outcome {
  const found = findClaim(payload.text, name);
  if (found === undefined) {
    throw new CliError('auth_failed', `the token has no claim ${name}`, {
      hint: `its claims are ${Object.keys(payload.value).join(', ') || 'none at all'}`,
    });
  }
  if (!found.startsWith('"')) return { stdout: `${compactJson(found)}\n` };
  const text = JSON.parse(found) as string;
  return { stdout: `${app.io.stdoutIsTty ? cleanLines(text) : text}\n` };
}

/** The claims in words, or the same as JSON. */
export function showExplanation(app: App, token: SignedToken, view: View): Outcome {
  const now = app.clock.now();
  const explanation = explainToken(token, now, view.verification !== undefined);
  if (view.json) return { stdout: `${jsonDocument(explanationData(explanation))}\n` };
  return { stdout: explanationPage(explanation, now, view.style) };
}

/** Prints the dates of a token to stderr. */
export function sayTimes(app: App, claims: JsonObject, verified: boolean): void {
  const now = app.clock.now();
  const { issuedAt, notBefore = 0, expiresOn } = timesOf(claims);
  if (issuedAt !== undefined) app.log.say(`issued ${describeDate(issuedAt)}`);
  if (notBefore > now) app.log.say(`not valid before ${describeDate(notBefore)}`);
  app.log.say(expiresOn === undefined ? 'it names no expiry' : describeExpiry(expiresOn, now));
  if (!verified) app.log.say('signature not verified');
}
