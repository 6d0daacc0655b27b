import forge from 'node-forge';

/** A value in an ASN.1 structure. */
export type Node = forge.asn1.Asn1;

/** Parses DER, and BER, in which some programs write PKCS#12. @throws Error if it is neither */
export function parseDer(bytes: Buffer): Node {
  return forge.asn1.fromDer(bytes.toString('latin1'), true);
}

/** Does the same for a file, at whose end an editor may have left more, such as a line end. */
export function parseDerFile(bytes: Buffer): Node {
  // the types do not know that there are options
  const options = { strict: true, parseAllBytes: false } as unknown as boolean;
  return forge.asn1.fromDer(bytes.toString('latin1'), options);
}

export function encodeDer(node: Node): Buffer {
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
}

/** @throws Error if the value is not constructed, and so has no children */
export function children(node: Node | undefined): Node[] {
  if (!Array.isArray(node?.value)) throw new Error('ASN.1: not a constructed value');
  return node.value;
}

/** The content of an octet string. BER may split it into parts. */
export function octets(node: Node | undefined): Buffer {
  if (typeof node?.value === 'string') return Buffer.from(node.value, 'latin1');
  return Buffer.concat(children(node).map(octets));
}

/** Not for negative numbers: they are read as large ones. */
export function integer(node: Node | undefined): number {
  const bytes = octets(node);
  if (bytes.length === 0) throw new Error('ASN.1: a number without digits');
  return bytes.length > 6 ? Number.POSITIVE_INFINITY : bytes.readUIntBE(0, bytes.length);
}

/** The name of an object identifier in node-forge's table, else its dotted numbers. */
export function oidName(node: Node | undefined): string {
  if (node?.type !== forge.asn1.Type.OID) throw new Error('ASN.1: not an object identifier');
  const numbers = forge.asn1.derToOid(octets(node).toString('latin1'));
  return forge.pki.oids[numbers] ?? numbers;
}
