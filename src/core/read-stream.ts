/**
 * Reads a stream to its end, or as far as `end` if that comes first.
 * @returns undefined if it holds more than `limit` bytes; the rest is not read then
 * @throws the stream's error, also if it was closed before its end
 */
export async function readStream(
  stream: AsyncIterable<Buffer>,
  limit: number,
  end?: string,
): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > limit) return undefined;
    parts.push(part);
    if (end !== undefined && Buffer.concat(parts).includes(end)) break;
  }
  return Buffer.concat(parts);
}
