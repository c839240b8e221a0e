/** The first 32 bits of the fractional parts of the roots of the first primes (FIPS 180-4 §4.2.2). */
function fractions(count: number, root: (prime: number) => number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(count);
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n += 1) {
    if (primes.some((prime) => n % prime === 0)) continue;
    words[primes.length] = (root(n) % 1) * 2 ** 32;
    primes.push(n);
  }
  return words;
}

const roundWords = fractions(64, Math.cbrt);
const startWords = fractions(8, Math.sqrt);

/**
 * The SHA-256 of some bytes in hexadecimal (FIPS 180-4). Browsers offer theirs only on https and
 * localhost, not to a phone that opens this page over plain http.
 */
export function sha256(bytes: Uint8Array): string {
  const state = startWords.slice();
  const schedule = new Uint32Array(64);
  const whole = bytes.length - (bytes.length % 64);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < whole; at += 64) mixBlock(state, schedule, view, at);
  const rest = padded(bytes, whole);
  for (let at = 0; at < rest.byteLength; at += 64) mixBlock(state, schedule, rest, at);
  return [...state].map((word) => word.toString(16).padStart(8, '0')).join('');
}

function padded(bytes: Uint8Array, from: number): DataView {
  const length = bytes.length - from;
  const view = new DataView(new ArrayBuffer(length < 56 ? 64 : 128));
  new Uint8Array(view.buffer).set(bytes.subarray(from));
  view.setUint8(length, 0x80);
  view.setBigUint64(view.byteLength - 8, BigInt(bytes.length) * 8n);
  return view;
}

function mixBlock(state: Uint32Array, schedule: Uint32Array, block: DataView, at: number): void {
  fillSchedule(schedule, block, at);
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i += 1) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const one = (h + big1 + choice + (roundWords[i] ?? 0) + (schedule[i] ?? 0)) | 0;
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const two = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] ?? 0) + word));
}

function fillSchedule(schedule: Uint32Array, block: DataView, at: number): void {
  for (let i = 0; i < 16; i += 1) schedule[i] = block.getUint32(at + i * 4);
  for (let i = 16; i < 64; i += 1) {
    const x = schedule[i - 15] ?? 0;
    const y = schedule[i - 2] ?? 0;
    const small0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const small1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    schedule[i] = (schedule[i - 16] ?? 0) + small0 + (schedule[i - 7] ?? 0) + small1;
  }
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
