const CHUNK_BYTES = 1_024;

/** Where the first character begins that is no UTF-8; the length where all is. One pass over the bytes. */
export function firstBrokenByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const isWhole = (from: number, to: number) => decodes(() => decoder.decode(bytes.subarray(from, to)));
  let at = beginningOf(bytes, brokenChunk(bytes));
  while (at < bytes.length) {
    const length = [1, 2, 3, 4].find((count) => at + count <= bytes.length && isWhole(at, at + count));
    if (length === undefined) return at;
    at += length;
  }
  return at;
}

function brokenChunk(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const takes = (chunk: Uint8Array) => decodes(() => decoder.decode(chunk, { stream: true }));
  let at = 0;
  while (at < bytes.length && takes(bytes.subarray(at, at + CHUNK_BYTES))) at += CHUNK_BYTES;
  return Math.min(at, bytes.length);
}

/** The beginning of a character at most four bytes before: all bytes before `at` are good, as far as they go. */
function beginningOf(bytes: Uint8Array, at: number): number {
  let start = Math.max(0, at - 4);
  while (start < at && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return start;
}

function decodes(decode: () => string): boolean {
  try {
    decode();
    return true;
  } catch {
    return false;
  }
}
