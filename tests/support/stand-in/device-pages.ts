import type { Context, OidcClient } from 'oidc-provider';
import { escapeHtml, page } from './pages.ts';

const CODE_FORM = 'op.deviceInputForm';
const CONFIRM_FORM = 'op.deviceConfirmForm';

/** Where a person types the code that another device shows (RFC 8628 section 3.3). */
export const devicePages = {
  userCodeInputSource: (ctx: Context, form: string, _out: unknown, error?: Error) => {
    const declined = error?.name === 'AbortedError';
    const wrong = error && 'That code didn’t work. Check the code and try again.';
    const problem = declined ? 'You declined. You can close this window.' : (wrong ?? '');
    const next = `<button form="${CODE_FORM}" type="submit">Next</button>`;
    ctx.body = page('Enter code', `<p role="alert">${problem}</p>${form}${next}`);
  },
  userCodeConfirmSource: (
    ctx: Context,
    form: string,
    client: OidcClient,
    _device: unknown,
    code: string,
  ) => {
    const question = `Are you trying to sign in to ${client.clientId} with ${code}?`;
    ctx.body = page(
      'Confirm',
      `<p>${escapeHtml(question)}</p>
      ${form}
      <button form="${CONFIRM_FORM}" name="abort" value="yes">Cancel</button>
      <button form="${CONFIRM_FORM}" id="continue" type="submit">Continue</button>`,
    );
  },
  successSource: (ctx: Context) => {
    ctx.body = page('You have signed in', '<p>You may now close this window.</p>');
  },
};

/** The answer that starts it: an interval, a sentence, and no link that carries the code. */
export function deviceAnswer(answer: Record<string, unknown>, interval: number): object {
  const { verification_uri_complete: _, ...rest } = answer;
  const { verification_uri: uri, user_code: code } = rest;
  const message = `To sign in, use a web browser to open the page ${uri} and enter the code ${code} to authenticate.`;
  return { ...rest, interval, message };
}
