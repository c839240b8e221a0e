/** From this length on, aligning to words costs less than it saves. */
const WORDS_PAY_OFF = 192;

// The key's bytes as they follow each other, read as one of the host's words.
const keyWord = new Int32Array(1);
const keyBytes = new DataView(keyWord.buffer);

/**
 * XORs `bytes[start..end)` with a masking key, in place (RFC 6455 §5.3); masking and unmasking are
 * one operation. `offset` is how many bytes of the payload came before `start`.
 */
export function applyMask(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
  offset = 0,
): void {
  const turned = rotate(key, offset);
  if (end - start < WORDS_PAY_OFF) return maskBytes(bytes, start, end, turned);
  const aligned = start + (-(bytes.byteOffset + start) & 3);
  maskBytes(bytes, start, aligned, turned);
  const words = maskWords(bytes, aligned, end, rotate(turned, aligned - start));
  maskBytes(bytes, words, end, rotate(turned, words - start));
}

/** The key turned so that its first byte is the one for a position `count` bytes further on. */
function rotate(key: number, count: number): number {
  const turn = (count & 3) << 3;
  return turn === 0 ? key : (key << turn) | (key >>> (32 - turn));
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): void {
  const k0 = key >>> 24;
  const k1 = (key >>> 16) & 0xff;
  const k2 = (key >>> 8) & 0xff;
  const k3 = key & 0xff;
  let i = start;
  for (const whole = start + ((end - start) & ~3); i < whole; i += 4) {
    bytes[i] = bytes[i]! ^ k0;
    bytes[i + 1] = bytes[i + 1]! ^ k1;
    bytes[i + 2] = bytes[i + 2]! ^ k2;
    bytes[i + 3] = bytes[i + 3]! ^ k3;
  }
  if (i < end) bytes[i] = bytes[i++]! ^ k0;
  if (i < end) bytes[i] = bytes[i++]! ^ k1;
  if (i < end) bytes[i] = bytes[i]! ^ k2;
}

/** Masks the whole 32-bit words from an aligned start; returns where they end. */
function maskWords(bytes: Uint8Array, start: number, end: number, key: number): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, (end - start) >>> 2);
  keyBytes.setInt32(0, key);
  const word = keyWord[0]!;
  for (let i = 0; i < words.length; i++) words[i] = words[i]! ^ word;
  return start + (words.length << 2);
}
