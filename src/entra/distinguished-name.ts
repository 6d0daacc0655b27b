import { CliError } from '../core/errors.ts';

export interface NameAttribute {
  readonly type: (typeof TYPES)[number];
  readonly value: string;
}

const TYPES = ['CN', 'O', 'OU', 'L', 'ST', 'C'] as const;
const LONGEST = 64;

/**
 * Reads a certificate's subject in any of three notations: `CN=My app, O=Contoso` (RFC 4514, with
 * `\,` for a comma in a value), `/CN=My app/O=Contoso` (openssl), or a text alone, which becomes
 * the common name.
 * @throws CliError usage
 */
export function parseName(text: string): NameAttribute[] {
  if (!/^\s*\/?[A-Za-z]+\s*=/.test(text)) return [checked('CN', text)];
  const separator = text.startsWith('/') ? /(?<!\\)\// : /(?<!\\),/;
  const parts = text.split(separator).filter((part) => part.trim() !== '');
  return parts.map((part) => {
    const [, type = '', value = ''] = /^\s*([A-Za-z]+)\s*=(.*)$/s.exec(part) ?? [];
    return checked(type, value.replace(/\\(.)/g, '$1'));
  });
}

function checked(written: string, value: string): NameAttribute {
  const type = TYPES.find((each) => each === written.toUpperCase());
  const hint = `for example --subject "CN=My app, O=Contoso"; known are ${TYPES.join(', ')}`;
  if (!type) throw new CliError('usage', `the subject has no attribute '${written}'`, { hint });
  const trimmed = value.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is refused
  const isBad = trimmed === '' || trimmed.length > LONGEST || /[\u0000-\u001f\u007f]/.test(trimmed);
  if (isBad || (type === 'C' && !/^[A-Z]{2}$/.test(trimmed))) {
    const rule = type === 'C' ? 'two capital letters' : `1 to ${LONGEST} characters on one line`;
    throw new CliError('usage', `the ${type} of the subject must be ${rule}`, { hint });
  }
  return { type, value: trimmed };
}
