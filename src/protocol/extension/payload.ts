import { allocate } from '#platform';

/** What a flush ends in, and what is left out of the message's last payload (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
const FLUSH = 0x0000_ffff;
const nothing = new Uint8Array(0);

/** The last bytes of a message's payload, which tell what the inflater needs beyond them. */
export class PayloadEnd {
  #lastFour = FLUSH;

  /** Takes a part of the payload. */
  take(bytes: Uint8Array, start: number, end: number): void {
    for (const byte of bytes.subarray(Math.max(start, end - TAIL.length), end)) {
      this.#lastFour = ((this.#lastFour << 8) | byte) >>> 0;
    }
  }

  /** What is to be read behind the payload of a whole message (RFC 7692 §7.2.2). */
  get ending(): Uint8Array {
    // A payload never ends in ff where the tail is needed: the last bits there are the zeros of a
    // block's header. So a peer that ends a message with an empty frame after a flush, as zlib makes
    // it when nothing is left to flush, is understood as well.
    return this.#lastFour === FLUSH ? nothing : TAIL;
  }

  /** The same for a payload that is whole in this range; nothing is remembered of it. */
  endingOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
    this.take(bytes, start, end);
    const { ending } = this;
    this.reset();
    return ending;
  }

  /** The message is over. */
  reset(): void {
    this.#lastFour = FLUSH;
  }
}

/** A frame's payload from what a deflater gave; a message's last goes without tail (RFC 7692 §7.2.1). */
export function payloadOf(pieces: readonly Uint8Array[], last: boolean): Uint8Array {
  const payload = joined(pieces);
  if (!last) return payload;
  // RFC 7692 §7.2.3.6: nothing was left to flush, and the header of an empty block stands for it.
  if (payload.length === 0) return new Uint8Array(1);
  return payload.subarray(0, payload.length - TAIL.length);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first, second] = pieces;
  if (first !== undefined && second === undefined) return first;
  const whole = allocate(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
