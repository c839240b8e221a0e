import type { Message } from '../subject/subject.ts';

const letters = ['a', 'Z', '7', ' ', 'é', 'ß', 'Ж', '漢', '€', '😀'].map((text) =>
  new TextEncoder().encode(text),
);

/** A repeatable source of 32-bit numbers. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Making 16 MiB takes seconds, and every row wants the same. */
const texts = new Map<string, string>();

/** Text of characters one to four bytes long, `size` bytes in all. */
export function textOf(size: number, seed: number): string {
  const key = `${size} ${seed}`;
  const text = texts.get(key) ?? makeText(size, seed);
  texts.set(key, text);
  return text;
}

function makeText(size: number, seed: number): string {
  const next = randomNumbers(seed);
  const bytes = new Uint8Array(size).fill(0x2e);
  for (let at = 0; at < size;) {
    const letter = letters[next() % letters.length] ?? bytes.subarray(0, 1);
    if (at + letter.length > size) break;
    bytes.set(letter, at);
    at += letter.length;
  }
  return Buffer.from(bytes.buffer).toString();
}

/** Bytes of which deflate saves about half. */
export function bytesOf(size: number, seed: number): Uint8Array {
  const next = randomNumbers(seed);
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let at = 0; at < words.length; at++) words[at] = next() & 0x0f0f_0f0f;
  return new Uint8Array(words.buffer, 0, size);
}

/** Throws, saying where they part, unless both are the same message of the same type. */
export function assertSame(actual: Message, expected: Message): void {
  if (typeof actual !== typeof expected) {
    throw new Error(`${describe(actual)} instead of ${describe(expected)}`);
  }
  if (actual === expected) return;
  const left = bufferOf(actual);
  const right = bufferOf(expected);
  if (left.equals(right)) return;
  let at = 0;
  while (at < left.length && left[at] === right[at]) at++;
  throw new Error(
    `${describe(actual)} instead of ${describe(expected)}; they part at byte ${at}: ` +
      `${left.subarray(at, at + 8).toString('hex')} instead of ` +
      right.subarray(at, at + 8).toString('hex'),
  );
}

function bufferOf(message: Message): Buffer {
  if (typeof message === 'string') return Buffer.from(message);
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

function describe(message: Message): string {
  const type = typeof message === 'string' ? 'text' : 'binary';
  return `${type} of ${Buffer.byteLength(message)} bytes`;
}
