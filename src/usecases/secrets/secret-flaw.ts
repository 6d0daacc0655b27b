import { CliError, type ErrorCode } from '../../core/errors.ts';
import { looksLikeCertificate } from '../../core/secret-shape.ts';

/**
 * Refuses what cannot be a client secret but is often given for one; it would be sent as it is.
 * @param name of the value in the message, which does not show it
 * @throws CliError usage, or with another code
 */
export function refuseNoSecret(value: string, name: string, code: ErrorCode = 'usage'): void {
  const flaw = flawOf(value.trim());
  if (flaw === undefined) return;
  const [problem, hint] = flaw;
  throw new CliError(code, `${name} ${problem}`, { hint });
}

function flawOf(text: string): readonly [problem: string, hint: string] | undefined {
  if (text === '') return ['is only white space', 'give the value of the secret'];
  if (looksLikeCertificate(text)) {
    return [
      'is a key or a certificate, not a secret',
      'put it into TOKENCLI_CLIENT_CERTIFICATE, or into a file named with --certificate',
    ];
  }
  if (isJson(text)) {
    return ['is a whole JSON document', 'give the one value in it, such as jq -r .password prints'];
  }
  if (text.length > 1 && /^(["'`])[\s\S]*\1$/.test(text)) {
    return ['is in quotes, which do not belong to it', 'leave them out; az does so with -o tsv'];
  }
  return undefined;
}

function isJson(text: string): boolean {
  if (!/^[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
