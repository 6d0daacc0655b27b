import { CliError, type ErrorCode } from '../../core/errors.ts';
import { looksLikeCertificate } from '../../core/secret-shape.ts';

/**
 * Refuses what cannot be a client secret but is often given for one; it would be sent as it is.
 * @param name of the value in the message, which does not show it
 * @throws CliError usage, or with another code
 */
export function refuseNoSecret(value: string, name: string, code: ErrorCode = 'usage'): void {
  const text = value.trim();
  const refuse = (problem: string, hint: string) =>
    new CliError(code, `${name} ${problem}`, { hint });
  if (text === '') throw refuse('is only white space', 'give the value of the secret');
  if (looksLikeCertificate(text)) {
    throw refuse(
      'is a key or a certificate, not a secret',
      'put it into TOKENCLI_CLIENT_CERTIFICATE, or into a file named with --certificate',
    );
  }
  if (isJson(text)) {
    const hint = 'give the one value in it, such as jq -r .password prints';
    throw refuse('is a whole JSON document', hint);
  }
  if (value.includes('\ufffd')) {
    // the runtime puts this sign in the place of bytes that are no UTF-8
    throw refuse('is not in UTF-8', 'give the value in UTF-8; a secret of Entra is plain ASCII');
  }
  if (CONTROL.test(value)) {
    const problem = /[\r\n]/.test(value) ? 'has more than one line' : 'holds control characters';
    throw refuse(problem, 'give the value of the secret alone');
  }
  if (QUOTED.test(text)) {
    const hint = 'leave them out; az does so with -o tsv';
    throw refuse('is in quotes, which do not belong to it', hint);
  }
}

/** RFC 6749 allows none. A program adds them that prints a table, or colours for a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Word processors and chats make typographic quotes of plain ones. */
const QUOTED = /^(?:(["'`]).*\1|[“”„«»‘’‚].*[“”«»‘’])$/;

function isJson(text: string): boolean {
  if (!/^[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
