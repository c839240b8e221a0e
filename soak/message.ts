import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

import type { Random } from './random.ts';

/** Bytes before the body: the number and the checksum, eight hexadecimal digits each. */
const headerSize = 16;

const words = 'and the hawser holds what the tide would take away from a quay at night '.split(' ');

/** A supply of text from which bodies are cut: words in an order that deflate can use a little. */
export function makeSupply(random: Random, size: number): string {
  const parts: string[] = [];
  for (let length = 0; length < size;) {
    const word = words[random.below(words.length)] ?? '';
    parts.push(word, String(random.below(1_000)));
    length += word.length + 1;
  }
  return parts.join(' ').slice(0, size);
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

const checksum = (number: string, body: string): string => hex(crc32(body, crc32(number)));

/** Makes a message of a number, its checksum and a body (ASCII). */
export function encodeMessage(number: number, body: string, binary: boolean): string | Uint8Array {
  const digits = hex(number);
  const text = `${digits}${checksum(digits, body)}${body}`;
  return binary ? Buffer.from(text, 'latin1') : text;
}

/** Gives a message's number, or undefined when its checksum is not that of its content. */
export function numberOf(message: string | Uint8Array): number | undefined {
  const text = typeof message === 'string' ? message : Buffer.from(message).toString('latin1');
  const digits = text.slice(0, 8);
  const good = text.slice(8, headerSize) === checksum(digits, text.slice(headerSize));
  return good ? parseInt(digits, 16) : undefined;
}
