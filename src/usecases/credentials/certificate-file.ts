import { describeUnreadable, tryReadFile } from '../../core/bounded-read.ts';
import { CliError } from '../../core/errors.ts';
import { resolveUserPath } from '../../core/paths.ts';
import type { App } from '../../core/ports.ts';
import { looksLikeSecret } from '../../core/secret-shape.ts';

const MOST_BYTES = 64 * 1024;

/** Who names a certificate file: what has to be changed there when it is of no use. */
export interface FileOrigin {
  readonly name: string;
  readonly isVariable?: boolean;
  /** How another file is named. */
  readonly cure: string;
  /** How the password of the file is handed over. */
  readonly password: string;
}

/** A path that was typed for a command. */
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

/** @param profile its name */
export function fileOfProfile(profile: string): FileOrigin {
  const edit = `tokencli config edit -p ${profile}`;
  return {
    name: `certificatePath of profile ${profile}`,
    cure: `${edit} --certificate FILE`,
    password: `${edit} --certificate-password-stdin, or set TOKENCLI_CLIENT_CERTIFICATE_PASSWORD`,
  };
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
  const read = tryReadFile(full, { limit: MOST_BYTES });
  if (!Buffer.isBuffer(read)) {
    refuseContent(path, origin);
    throw unreadable(full, describeUnreadable(read, MOST_BYTES), origin, read.cause);
  }
  if (read.length === 0) throw unreadable(full, 'it is empty', origin);
  return read;
}

/** A private key in the place of a path must not get into a message. @throws CliError invalid_data */
export function refuseContent(path: string, { name }: FileOrigin): void {
  if (!looksLikeSecret(path)) return;
  throw new CliError('invalid_data', `${name} is no path, but the content of a file`, {
    hint: 'put the content into a file of mode 0600, and name that file',
  });
}

function unreadable(path: string, reason: string, origin: FileOrigin, cause?: unknown): CliError {
  const problem = `cannot read the certificate ${path}: ${reason}`;
  return new CliError('invalid_data', problem, { hint: origin.cure, cause });
}
