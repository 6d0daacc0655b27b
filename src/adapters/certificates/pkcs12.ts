import { CliError } from '../../core/errors.ts';
import type { Pkcs12Content, Pkcs12Reader } from '../../core/formats.ts';
import { toPem } from '../../entra/pem.ts';
import { children, encodeDer, integer, type Node, nameOf, octets, parseDer } from './asn1.ts';
import { createProtection } from './protection.ts';

const MOST_BYTES = 64 * 1024;
const FILE = {
  name: 'the PKCS#12 file',
  cure: 'convert it to PEM: openssl pkcs12 -in FILE -legacy -out new.pem',
};
const KEY = {
  name: 'the private key',
  cure:
    'convert it: openssl pkcs8 -topk8 -in FILE -out new-key.pem -provider legacy -provider default; ' +
    'then put the certificate into the new file too',
};

type Password = string | null;

interface Envelope {
  /** AuthenticatedSafe. */
  readonly content: Buffer;
  readonly mac: Node | undefined;
}

/** Reads PKCS#12 (RFC 7292): PBES2, the legacy RC2 and 3DES, or nothing encrypted. */
export function createPkcs12Reader(): Pkcs12Reader {
  return { read, openKey };
}

function read(bytes: Uint8Array, password: string): Pkcs12Content {
  if (bytes.length > MOST_BYTES) {
    throw new CliError('invalid_data', `the PKCS#12 file is larger than ${MOST_BYTES} bytes`);
  }
  const { content, mac } = openEnvelope(Buffer.from(bytes));
  const protection = createProtection(FILE);
  let wrong: unknown;
  // an empty password is written in two ways: as a lone final zero and as nothing
  for (const attempt of password === '' ? ['', null] : [password]) {
    try {
      if (!mac || protection.isIntact(mac, content, attempt)) {
        return collect(safesOf(content, protection.decrypt, attempt), (key) =>
          protection.openKey(key, attempt),
        );
      }
    } catch (error) {
      if (error instanceof CliError) throw error;
      // without a MAC a wrong password shows only as nonsense after the decryption
      if (mac) throw notPkcs12(error);
      wrong = error;
    }
  }
  throw wrongPassword(password, wrong);
}

/** The outermost structure, which needs no password: what fails here is no PKCS#12 file. */
function openEnvelope(bytes: Buffer): Envelope {
  try {
    const [version, safe, mac] = children(parseDer(bytes));
    const [type, content] = children(safe);
    if (integer(version) !== 3 || nameOf(type) !== 'data') throw new Error('not version 3');
    return { content: octets(children(content)[0]), mac };
  } catch (error) {
    throw notPkcs12(error);
  }
}

/** @returns the bags of every part of the file */
function safesOf(
  content: Buffer,
  decrypt: ReturnType<typeof createProtection>['decrypt'],
  password: Password,
): Node[] {
  return children(parseDer(content)).flatMap((part) => {
    const [type, holder] = children(part);
    const [value] = children(holder);
    if (nameOf(type) === 'data') return children(parseDer(octets(value)));
    if (nameOf(type) !== 'encryptedData') return [];
    const [, algorithm, data] = children(children(value)[1]);
    return children(parseDer(decrypt(algorithm, octets(data), password)));
  });
}

/** Takes keys and certificates byte for byte; other bags, such as CRLs and secrets, are not for us. */
function collect(bags: readonly Node[], openKey: (node: Node | undefined) => Buffer) {
  const keys: string[] = [];
  const certificates: string[] = [];
  for (const bag of bags) {
    const [id, holder] = children(bag);
    const [value] = children(holder);
    const kind = nameOf(id);
    if (kind === 'keyBag' && value) keys.push(toPem('PRIVATE KEY', encodeDer(value)));
    if (kind === 'pkcs8ShroudedKeyBag') keys.push(toPem('PRIVATE KEY', openKey(value)));
    if (kind === 'certBag') {
      const [type, certificate] = children(value);
      if (nameOf(type) !== 'x509Certificate') continue;
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

function openKey(encrypted: Uint8Array, password: string): Buffer {
  let node: Node;
  try {
    node = parseDer(Buffer.from(encrypted));
    nameOf(children(children(node)[0])[0]);
  } catch (cause) {
    throw new CliError('invalid_data', 'a private key in the PEM text is damaged', { cause });
  }
  try {
    return createProtection(KEY).openKey(node, password);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('invalid_data', 'the password of the private key is wrong', {
      hint: 'check it with openssl pkey -in FILE -noout',
      cause: error,
    });
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
  return new CliError('invalid_data', message, {
    hint: 'set TOKENCLI_CLIENT_CERTIFICATE_PASSWORD, or store it with tokencli config edit',
    cause,
  });
}
