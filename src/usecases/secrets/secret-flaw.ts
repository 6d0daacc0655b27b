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
  if (/[\r\n]/.test(value)) {
    throw refuse('has more than one line', 'give the value of the secret alone');
  }
  if (FOREIGN.test(value)) {
    const hint = 'copy the value alone; RFC 6749 allows visible ASCII characters and blanks';
    throw refuse('holds a character that cannot be seen, or is not in UTF-8', hint);
  }
  if (QUOTED.test(text)) {
    const hint = 'leave them out; az does so with -o tsv';
    throw refuse('is in quotes, which do not belong to it', hint);
  }
}

/** What web pages and chats add, and the sign that stands for bytes that are no UTF-8. */
const FOREIGN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\ufffd]/u;
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
