import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import forge from 'node-forge';
import { CliError } from '../../core/errors.ts';
import { children, integer, type Node, octets, oidName, parseDer } from './asn1.ts';
import { createKeyDerivation, type MessageTexts, type Password } from './key-derivation.ts';

type Cipher = readonly [name: string, keyBytes: number];

const CIPHERS: Readonly<Record<string, Cipher>> = {
  'aes128-CBC': ['aes-128-cbc', 16],
  'aes192-CBC': ['aes-192-cbc', 24],
  'aes256-CBC': ['aes-256-cbc', 32],
  'des-EDE3-CBC': ['des-ede3-cbc', 24],
};
/**
 * OpenSSL 3 does not have RC2 by default, but many existing files use it. node-forge decrypts it.
 */
const RC2 = 'rc2';
const PKCS12_CIPHERS: Readonly<Record<string, Cipher>> = {
  'pbeWithSHAAnd3-KeyTripleDES-CBC': ['des-ede3-cbc', 24],
  'pbeWithSHAAnd2-KeyTripleDES-CBC': ['des-ede-cbc', 16],
  'pbeWithSHAAnd128BitRC2-CBC': [RC2, 16],
  'pbewithSHAAnd40BitRC2-CBC': [RC2, 5],
};
const PKCS12_IV_BYTES = 8;
const KEY_ID = 1;
const IV_ID = 2;
const MAC_ID = 3;
const SCRYPT = '1.3.6.1.4.1.11591.4.11';
const PBMAC1 = '1.2.840.113549.1.5.14';
const HASHES: Readonly<Record<string, string>> = {
  hmacWithSHA1: 'sha1',
  hmacWithSHA224: 'sha224',
  hmacWithSHA256: 'sha256',
  hmacWithSHA384: 'sha384',
  hmacWithSHA512: 'sha512',
  '1.2.840.113549.2.13': 'sha512-256',
};
const MAC_BYTES: Readonly<Record<string, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/**
 * Decrypts keys and certificates with a password, by the algorithms that their file names. The
 * functions throw Error for a wrong password or damaged data, CliError for an unsupported algorithm.
 */
export function createProtection(texts: MessageTexts) {
  const derivation = createKeyDerivation(texts);

  /** Looks an algorithm up. @throws CliError if it is not in the table */
  const find = <T>(table: Readonly<Record<string, T>>, name: string): T => {
    const found = Object.hasOwn(table, name) ? table[name] : undefined;
    if (found !== undefined) return found;
    const message = `${texts.name} uses an algorithm that is not supported`;
    throw new CliError('invalid_data', message, { hint: texts.hint });
  };

  /** RFC 8018 appendix A.2, RFC 7914 section 7. */
  const derive = (kdf: Node | undefined, password: Password, length: number): Buffer => {
    const [id, parameters] = children(kdf);
    const [salt, ...costs] = children(parameters);
    const input = { password, salt: octets(salt), length };
    const name = oidName(id);
    if (name === SCRYPT) {
      const [N = 0, r = 0, p = 0] = costs.slice(0, 3).map(integer);
      return derivation.scrypt({ N, r, p }, input);
    }
    find({ pkcs5PBKDF2: true }, name);
    const prf = costs.find(({ type }) => type === forge.asn1.Type.SEQUENCE);
    const hashName = prf ? find(HASHES, oidName(children(prf)[0])) : 'sha1';
    return derivation.pbkdf2(hashName, integer(costs[0]), input);
  };

  /** @param algorithm AlgorithmIdentifier */
  const decrypt = (algorithm: Node | undefined, data: Buffer, password: Password): Buffer => {
    const [id, parameters] = children(algorithm);
    const name = oidName(id);
    if (name === 'pkcs5PBES2') {
      const [kdf, scheme] = children(parameters);
      const [cipherId, iv] = children(scheme);
      const [cipher, keyBytes] = find(CIPHERS, oidName(cipherId));
      return decipher(cipher, derive(kdf, password, keyBytes), octets(iv), data);
    }
    const [cipher, keyBytes] = find(PKCS12_CIPHERS, name);
    const [salt, rounds] = children(parameters);
    const part = (partId: number, length: number) =>
      derivation.pkcs12('sha1', partId, integer(rounds), { password, salt: octets(salt), length });
    return decipher(cipher, part(KEY_ID, keyBytes), part(IV_ID, PKCS12_IV_BYTES), data);
  };

  const macOf = (mac: Node, data: Buffer, password: Password): Buffer => {
    const [info, salt, rounds] = children(mac);
    const [id, parameters] = children(children(info)[0]);
    const name = oidName(id);
    if (name === PBMAC1) {
      const [kdf, scheme] = children(parameters);
      const hashName = find(HASHES, oidName(children(scheme)[0]));
      // the third parameter, after salt and rounds
      const length = integer(children(children(kdf)[1])[2]);
      if (length > 64) throw new Error('PBMAC1: no length of a key');
      return createHmac(hashName, derive(kdf, password, length))
        .update(data)
        .digest();
    }
    const input = { password, salt: octets(salt), length: find(MAC_BYTES, name) };
    const key = derivation.pkcs12(name, MAC_ID, rounds ? integer(rounds) : 1, input);
    return createHmac(name, key).update(data).digest();
  };

  return {
    decrypt,
    /** @param node EncryptedPrivateKeyInfo (RFC 5958). @returns PKCS#8 */
    openKey(node: Node | undefined, password: Password): Buffer {
      const [algorithm, data] = children(node);
      const key = decrypt(algorithm, octets(data), password);
      // with a wrong password the padding is right by chance in one case of 256, so parse the key
      // too
      children(parseDer(key));
      return key;
    },
    /** @param mac MacData (RFC 7292), with PBMAC1 too (RFC 9879) */
    isIntact(mac: Node, data: Buffer, password: Password): boolean {
      const wanted = octets(children(children(mac)[0])[1]);
      const found = macOf(mac, data, password);
      return found.length === wanted.length && timingSafeEqual(found, wanted);
    },
  };
}

/** @throws Error if the padding is wrong */
function decipher(name: string, key: Buffer, iv: Buffer, data: Buffer): Buffer {
  if (name === RC2) return decipherRc2(key, iv, data);
  const cipher = createDecipheriv(name, key, iv);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

function decipherRc2(key: Buffer, iv: Buffer, data: Buffer): Buffer {
  const binary = (bytes: Buffer) => forge.util.createBuffer(bytes.toString('latin1'));
  // documented, but missing in the types of node-forge
  const { createDecryptionCipher } = forge.rc2 as unknown as {
    createDecryptionCipher(key: forge.util.ByteStringBuffer, bits: number): forge.rc2.cipher;
  };
  const cipher = createDecryptionCipher(binary(key), key.length * 8);
  cipher.start(binary(iv));
  cipher.update(binary(data));
  if (!cipher.finish()) throw new Error('RC2: wrong padding');
  return Buffer.from(cipher.output.getBytes(), 'latin1');
}
