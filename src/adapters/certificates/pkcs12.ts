import { CliError } from '../../core/errors.ts';
import { GIVE_PASSWORD, type PemContent } from '../../core/formats.ts';
import { CONVERT_KEY, damagedKey, toPem, wrongKeyPassword } from '../../entra/pem.ts';
import {
  children,
  encodeDer,
  integer,
  type Node,
  octets,
  oidName,
  parseDer,
  parseDerFile,
} from './asn1.ts';
import type { Password } from './key-derivation.ts';
import { createProtection } from './protection.ts';

const MOST_BYTES = 64 * 1024;
const FILE = {
  name: 'the PKCS#12 file',
  hint: 'convert it to PEM: openssl pkcs12 -in FILE -legacy -out new.pem',
};
const KEY = { name: 'the private key', hint: CONVERT_KEY };

// Implements `Pkcs12Reader` (RFC 7292): files with PBES2, with the older RC2 and 3DES, or not
// encrypted.

export function read(bytes: Uint8Array, password: string): PemContent {
  if (bytes.length > MOST_BYTES) {
    throw new CliError('invalid_data', `the PKCS#12 file is larger than ${MOST_BYTES} bytes`);
  }
  const { content, mac } = openEnvelope(Buffer.from(bytes));
  const protection = createProtection(FILE);
  let failure: unknown;
  // programs encode an empty password in two ways: as one final zero, and as no bytes
  for (const attempt of password === '' ? ['', null] : [password]) {
    try {
      if (!mac || protection.isIntact(mac, content, attempt)) {
        return collect(bagsOf(content, protection.decrypt, attempt), (key) =>
          protection.openKey(key, attempt),
        );
      }
    } catch (error) {
      if (error instanceof CliError) throw error;
      // without a MAC, a wrong password is noticed only because the decrypted bytes cannot be
      // parsed
      if (mac) throw notPkcs12(error);
      failure = error;
    }
  }
  throw wrongPassword(password, failure);
}

/**
 * Reads the outermost structure, which is never encrypted.
 * @returns the DER of the AuthenticatedSafe, and the MacData if there is one
 * @throws CliError invalid_data if it is not PKCS#12
 */
function openEnvelope(bytes: Buffer) {
  try {
    const [version, safe, mac] = children(parseDerFile(bytes));
    const [type, content] = children(safe);
    if (integer(version) !== 3 || oidName(type) !== 'data') throw new Error('not version 3');
    return { content: octets(children(content)[0]), mac };
  } catch (error) {
    throw notPkcs12(error);
  }
}

/** @returns the SafeBags of every part of the file */
function bagsOf(
  content: Buffer,
  decrypt: ReturnType<typeof createProtection>['decrypt'],
  password: Password,
): Node[] {
  return children(parseDer(content)).flatMap((part) => {
    const [type, holder] = children(part);
    const [value] = children(holder);
    if (oidName(type) === 'data') return children(parseDer(octets(value)));
    if (oidName(type) !== 'encryptedData') return [];
    const [, algorithm, data] = children(children(value)[1]);
    return children(parseDer(decrypt(algorithm, octets(data), password)));
  });
}

/** Collects keys and certificates. Other bags, such as CRLs and secrets, are ignored. */
function collect(bags: readonly Node[], openKey: (node: Node | undefined) => Buffer) {
  const keys: string[] = [];
  const certificates: string[] = [];
  for (const bag of bags) {
    const [id, holder] = children(bag);
    const [value] = children(holder);
    const kind = oidName(id);
    if (kind === 'keyBag' && value) keys.push(toPem('PRIVATE KEY', encodeDer(value)));
    if (kind === 'pkcs8ShroudedKeyBag') keys.push(toPem('PRIVATE KEY', openKey(value)));
    if (kind === 'certBag') {
      const [type, certificate] = children(value);
      if (oidName(type) !== 'x509Certificate') continue;
      certificates.push(toPem('CERTIFICATE', octets(children(certificate)[0])));
    }
    if (kind === 'safeContentsBag') {
      const inner = collect(children(value), openKey);
      keys.push(...inner.keys);
      certificates.push(...inner.certificates);
    }
  }
  return { keys, certificates };
}

export function openKey(encrypted: Uint8Array, password: string): Buffer {
  let node: Node;
  try {
    node = parseDer(Buffer.from(encrypted));
    oidName(children(children(node)[0])[0]);
  } catch (cause) {
    throw damagedKey(cause);
  }
  try {
    return createProtection(KEY).openKey(node, password);
  } catch (error) {
    throw error instanceof CliError ? error : wrongKeyPassword(error);
  }
}

function notPkcs12(cause: unknown): CliError {
  return new CliError('invalid_data', 'not a PKCS#12 file, or a damaged one', {
    hint: 'check it with openssl pkcs12 -info -noout -in FILE',
    cause,
  });
}

function wrongPassword(password: string, cause: unknown): CliError {
  const message =
    password === ''
      ? 'the PKCS#12 file needs its password'
      : 'the password of the PKCS#12 file is wrong';
  return new CliError('invalid_data', message, { hint: GIVE_PASSWORD, cause });
}
