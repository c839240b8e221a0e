import { isUtf8 } from '#platform';

import { ProtocolError } from '../errors.ts';

/** Below this length a byte loop is as fast as a call into the platform. */
const BULK_PAYS_OFF = 24;

/**
 * Checks text that arrives in pieces; throws at the first byte that cannot belong to valid UTF-8,
 * wherever the pieces are cut (RFC 6455 §8.1, RFC 3629 §4).
 */
export class Utf8Validator {
  /** Continuation bytes that the current code point still needs. */
  #needed = 0;
  /** What the next continuation byte may be: narrower after E0, ED, F0 and F4. */
  #lowest = 0x80;
  #highest = 0xbf;

  /** Takes the next piece. */
  push(bytes: Uint8Array, start: number, end: number): void {
    let position = Math.min(end, start + this.#needed);
    this.#steps(bytes, start, position);
    if (end - position >= BULK_PAYS_OFF) {
      const tail = lastCharacter(bytes, end);
      if (!isUtf8(bytes, position, tail)) throw new ProtocolError('INVALID_UTF8');
      position = tail;
    }
    this.#steps(bytes, position, end);
  }

  /** The text is over: it must not end inside a code point. */
  finish(): void {
    if (this.#needed > 0) throw new ProtocolError('INVALID_UTF8');
  }

  #steps(bytes: Uint8Array, start: number, end: number): void {
    for (const byte of bytes.subarray(start, end)) this.#step(byte);
  }

  #step(byte: number): void {
    if (this.#needed === 0) return this.#lead(byte);
    if (byte < this.#lowest || byte > this.#highest) throw new ProtocolError('INVALID_UTF8');
    this.#needed--;
    this.#lowest = 0x80;
    this.#highest = 0xbf;
  }

  #lead(byte: number): void {
    if (byte < 0x80) return;
    if (byte < 0xc2 || byte > 0xf4) throw new ProtocolError('INVALID_UTF8');
    this.#needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    // No overlong forms, no surrogates, nothing above U+10FFFF.
    if (byte === 0xe0) this.#lowest = 0xa0;
    else if (byte === 0xed) this.#highest = 0x9f;
    else if (byte === 0xf0) this.#lowest = 0x90;
    else if (byte === 0xf4) this.#highest = 0x8f;
  }
}

/** Where the last character begins, which may be incomplete: among the last four bytes. */
function lastCharacter(bytes: Uint8Array, end: number): number {
  const last = bytes.subarray(end - 3, end).findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  // Not found is -1: before three continuation bytes there can only be the first of four.
  return end - 3 + last;
}
