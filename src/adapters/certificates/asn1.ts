import forge from 'node-forge';

/** A piece of an ASN.1 structure. */
export type Node = forge.asn1.Asn1;

/** DER, or BER as some programs write PKCS#12. @throws when it is anything else */
export function parseDer(bytes: Buffer): Node {
  return forge.asn1.fromDer(bytes.toString('latin1'), true);
}

export function encodeDer(node: Node): Buffer {
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
}

/** @throws if it has none */
export function children(node: Node | undefined): Node[] {
  if (!Array.isArray(node?.value)) throw new Error('ASN.1: not a constructed value');
  return node.value;
}

/** The content of an octet string, which BER may write in several parts. */
export function octets(node: Node | undefined): Buffer {
  if (typeof node?.value === 'string') return Buffer.from(node.value, 'latin1');
  return Buffer.concat(children(node).map(octets));
}

/** A negative number reads as a large one. */
export function integer(node: Node | undefined): number {
  const bytes = octets(node);
  if (bytes.length === 0) throw new Error('ASN.1: a number without digits');
  return bytes.length > 6 ? Number.POSITIVE_INFINITY : bytes.readUIntBE(0, bytes.length);
}

/** The usual name of an object identifier; one without a name as it is, in numbers. */
export function nameOf(node: Node | undefined): string {
  if (node?.type !== forge.asn1.Type.OID) throw new Error('ASN.1: not an object identifier');
  const numbers = forge.asn1.derToOid(octets(node).toString('latin1'));
  return forge.pki.oids[numbers] ?? numbers;
}
