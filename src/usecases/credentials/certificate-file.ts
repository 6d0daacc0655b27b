import { CliError } from '../../core/errors.ts';
import { describeUnreadable, tryReadFile } from '../../core/files/bounded-read.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { looksLikeSecret } from '../../core/secret-shape.ts';
import { decodeAnyText } from '../../core/text.ts';

const MOST_BYTES = 64 * 1024;

/** What names a certificate file, and how to name another one if that cannot be used. */
export interface FileOrigin {
  readonly name: string;
  readonly isVariable?: boolean;
  /** How another file is named. */
  readonly cure: string;
  /** How the password of the file is handed over. */
  readonly password: string;
}

/** A path from the command line or an answer. */
export const TYPED_FILE: FileOrigin = {
  name: 'the path of the certificate',
  cure: 'name another file',
  password:
    'give it with --certificate-password-stdin, -file or -env, or set TOKENCLI_CLIENT_CERTIFICATE_PASSWORD',
};

/** @param family of the variables: TOKENCLI or AZURE */
export function fileOfVariable(family: string): FileOrigin {
  const variable = `${family}_CLIENT_CERTIFICATE_PATH`;
  return {
    name: variable,
    isVariable: true,
    cure: `correct or unset ${variable}`,
    password: `set ${family}_CLIENT_CERTIFICATE_PASSWORD`,
  };
}

/** The variable that holds a certificate itself. */
export const CONTENT_VARIABLE = 'TOKENCLI_CLIENT_CERTIFICATE';

export const IN_VARIABLE: FileOrigin = {
  name: CONTENT_VARIABLE,
  cure: `correct or unset ${CONTENT_VARIABLE}`,
  password: `set ${CONTENT_VARIABLE}_PASSWORD`,
};

/** @param profile its name */
export function fileOfProfile(profile: string): FileOrigin {
  const edit = `tokencli config edit -p ${profile}`;
  return {
    name: `certificatePath of profile ${profile}`,
    cure: `${edit} --certificate FILE`,
    password: `${edit} --certificate-password-stdin, or set TOKENCLI_CLIENT_CERTIFICATE_PASSWORD`,
  };
}

/** @param what the reference names, as `blameOf` words it */
export function fileOfReference(profile: string, what: string): FileOrigin {
  const edit = `tokencli config edit -p ${profile} --certificate-from …`;
  const cure = `correct ${what}, or name another place: ${edit}`;
  return { ...fileOfProfile(profile), name: what, cure };
}

/**
 * @throws CliError invalid_data, naming the path: missing, not a file, unreadable, over 64 KiB; not
 *   naming it: it is no path but the content of a file
 */
export function readCertificateFile(
  app: Pick<App, 'userHome' | 'workingFolder'>,
  path: string,
  origin: FileOrigin = TYPED_FILE,
): Buffer {
  const full = resolveUserPath(app, path);
  const read = tryReadFile(full, MOST_BYTES);
  if (!Buffer.isBuffer(read)) {
    refuseContent(path, origin);
    throw unreadable(full, describeUnreadable(read, MOST_BYTES), origin, read.cause);
  }
  if (read.length === 0) throw unreadable(full, 'it is empty', origin);
  return read;
}

const PEM_BEGIN = '-----BEGIN ';
/** The first byte of a PFX, a key or a certificate in DER. */
export const DER_SEQUENCE = 0x30;
const PATH = /^(?:[~./\\]|[A-Za-z]:[/\\])|\.(?:pem|pfx|p12|crt|cer|key)$/i;

/**
 * A certificate that a variable holds: PEM, also on one line or with `\n` written out, or PEM or a PFX
 * in base64.
 * @throws CliError invalid_data for what is neither; it is not shown
 */
export function certificateContent(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (text.includes(PEM_BEGIN) || unwrapBase64(bytes) !== bytes) return bytes;
  const problem = PATH.test(text) ? 'is a path' : 'is neither PEM nor a PFX in base64';
  throw new CliError('invalid_data', `${CONTENT_VARIABLE} ${problem}`, {
    hint: `use ${CONTENT_VARIABLE}_PATH for the path of a file, ${CONTENT_VARIABLE} for what is in it`,
  });
}

/** The same bytes, or what they are the base64 of, if that is PEM or DER. */
export function unwrapBase64(bytes: Buffer): Buffer {
  // pipelines and `.env` files write the ends of lines out
  const text = decodeAnyText(bytes).replace(/\\+[nrt]/g, '');
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) return bytes;
  const decoded = Buffer.from(text, 'base64');
  return decoded[0] === DER_SEQUENCE || decoded.includes(PEM_BEGIN) ? decoded : bytes;
}

/** A key or a token in the place of a path must not get into a message. @throws CliError invalid_data */
export function refuseContent(path: string, { name }: Pick<FileOrigin, 'name'>): void {
  if (!looksLikeSecret(path)) return;
  throw new CliError('invalid_data', `${name} is no path, but the content of a file`, {
    hint: `put it into a file of mode 0600, and name that file; a certificate, into ${CONTENT_VARIABLE}`,
  });
}

function unreadable(path: string, reason: string, origin: FileOrigin, cause?: unknown): CliError {
  const problem = `cannot read the certificate ${path}: ${reason}`;
  return new CliError('invalid_data', problem, { hint: origin.cure, cause });
}
