export const NOW = 1_795_000_000;
export const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';

/** A compact token of three parts. Strings are taken as the text of the part. */
export function compact(header: unknown, payload: unknown, signature = 'c2ln'): string {
  return [encode(header), encode(payload), signature].join('.');
}

export function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}
