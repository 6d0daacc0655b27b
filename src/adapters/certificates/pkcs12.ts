import { createPrivateKey, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { CliError } from '../../core/errors.ts';
import type { Pkcs12Content, Pkcs12Reader } from '../../core/formats.ts';
import { createKeyDerivation, type KeyDerivation } from './pkcs12-kdf.ts';

const MOST_BYTES = 64 * 1024;
const REEXPORT = 'openssl pkcs12 -export -inkey key.pem -in cert.pem -out new.pfx';

type Digest = forge.md.MessageDigest & { readonly algorithm: string };
type Password = string | null;

let derivation = createKeyDerivation();
useNativeDerivation(() => derivation);

/** Reads PKCS#12 (RFC 7292): PBES2 with AES, the legacy RC2-40 and 3DES, or nothing encrypted. */
export function createPkcs12Reader(): Pkcs12Reader {
  return { read };
}

function read(bytes: Uint8Array, password: string): Pkcs12Content {
  if (bytes.length > MOST_BYTES) {
    throw new CliError('invalid_data', `the PKCS#12 file is larger than ${MOST_BYTES} bytes`);
  }
  derivation = createKeyDerivation();
  const file = openEnvelope(bytes);
  let wrong: unknown;
  // an empty password is written in two ways: as a lone final zero and as nothing
  for (const attempt of password === '' ? ['', null] : [password]) {
    try {
      return collect(parse(file.text, attempt));
    } catch (error) {
      if (!isWrongPassword(error, file.hasMac)) throw explain(error);
      wrong = error;
    }
  }
  throw wrongPassword(password, wrong);
}

/** The outermost structure, which needs no password: what fails here is no PKCS#12 file. */
function openEnvelope(bytes: Uint8Array): { text: string; hasMac: boolean } {
  const text = Buffer.from(bytes).toString('binary');
  try {
    const parts = forge.asn1.fromDer(text, true).value;
    const [version, content] = Array.isArray(parts) ? parts : [];
    const { INTEGER, SEQUENCE } = forge.asn1.Type;
    const isPfx = version?.type === INTEGER && version.value === '\x03';
    if (isPfx && content?.type === SEQUENCE) return { text, hasMac: parts.length > 2 };
  } catch (error) {
    throw notPkcs12(error);
  }
  throw notPkcs12(undefined);
}

function parse(text: string, password: Password): forge.pkcs12.Pkcs12Pfx {
  // parsing changes the tree in place, so every attempt gets its own
  const tree = forge.asn1.fromDer(text, true);
  // the types know no missing password, which forge keeps apart from an empty one
  return forge.pkcs12.pkcs12FromAsn1(tree, false, password as string);
}

function collect(pfx: forge.pkcs12.Pkcs12Pfx): Pkcs12Content {
  const keys: string[] = [];
  const certificates: string[] = [];
  for (const bag of pfx.safeContents.flatMap((contents) => contents.safeBags)) {
    if (bag.type === forge.pki.oids['certBag']) {
      const tree = bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1;
      certificates.push(new X509Certificate(toDer(tree)).toString());
    } else {
      const tree = bag.key
        ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key))
        : bag.asn1;
      const key = createPrivateKey({ key: toDer(tree), format: 'der', type: 'pkcs8' });
      keys.push(key.export({ format: 'pem', type: 'pkcs8' }).toString());
    }
  }
  return { keys, certificates };
}

function toDer(tree: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(tree).getBytes(), 'binary');
}

/**
 * Without a MAC a wrong password shows only as nonsense after the decryption; with one, forge says
 * so before anything else is read.
 */
function isWrongPassword(error: unknown, hasMac: boolean): boolean {
  if (error instanceof CliError || isUnsupported(error)) return false;
  return hasMac ? messageOf(error).includes('MAC could not be verified') : true;
}

function isUnsupported(error: unknown): boolean {
  return /unsupported|not supported/i.test(messageOf(error));
}

function explain(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (isUnsupported(error)) {
    return new CliError(
      'invalid_data',
      'the PKCS#12 file uses an algorithm that is not supported',
      {
        hint: `export it again, for example with ${REEXPORT}`,
        cause: error,
      },
    );
  }
  return notPkcs12(error);
}

function notPkcs12(cause: unknown): CliError {
  return new CliError('invalid_data', 'not a PKCS#12 file, or a damaged one', {
    hint: `check it with openssl pkcs12 -info -noout -in FILE, or make a new one: ${REEXPORT}`,
    cause,
  });
}

function wrongPassword(password: string, cause: unknown): CliError {
  const message =
    password === ''
      ? 'the PKCS#12 file needs its password'
      : 'the password of the PKCS#12 file is wrong';
  return new CliError('invalid_data', message, {
    hint: 'set TOKENCLI_CLIENT_CERTIFICATE_PASSWORD, or store it with tokencli config edit',
    cause,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * forge derives keys in JavaScript (1.6 s for 100,000 rounds), for any number of rounds, and takes a
 * PBES2 password for Latin-1. Node does it twenty times faster, limited, and in UTF-8.
 */
function useNativeDerivation(current: () => KeyDerivation): void {
  const pkcs12Key = (
    password: Password,
    salt: forge.util.ByteStringBuffer,
    id: number,
    rounds: number,
    length: number,
    digest?: Digest,
  ) => {
    const input = { password, salt: Buffer.from(salt.bytes(), 'binary'), rounds, length };
    const key = current().pkcs12(hashName(digest), id, input);
    return forge.util.createBuffer(key.toString('binary'));
  };
  const pbkdf2 = (
    password: Password,
    salt: string,
    rounds: number,
    length: number,
    digest?: Digest,
  ) => {
    const input = { password, salt: Buffer.from(salt, 'binary'), rounds, length };
    return current().pbkdf2(hashName(digest), input).toString('binary');
  };
  Object.assign(forge.pkcs5, { pbkdf2 });
  Object.assign(forge.pkcs12, { generateKey: pkcs12Key });
  Object.assign((forge.pki as unknown as { pbe: object }).pbe, { generatePkcs12Key: pkcs12Key });
}

function hashName(digest: Digest | undefined): string {
  return (digest?.algorithm ?? 'sha1').toLowerCase().replace('-', '');
}
