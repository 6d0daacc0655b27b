/**
 * Reads a stream to its end.
 * @returns undefined if it holds more than `limit` bytes; the rest is not read then
 * @throws the stream's error, also if it was closed before its end
 */
export async function readStream(
  stream: AsyncIterable<Buffer>,
  limit: number,
): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > limit) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
