import { allocateOwn, keepFreedMemory, release } from '#platform';

/** How the memory for an unfinished message grows, in bytes. */
export interface GatheringSizes {
  /** The first piece of memory. */
  readonly initial: number;
  /** Every further piece; 0 doubles up to 64 KiB. */
  readonly growBy: number;
  /** The most there should be: no piece is larger than what may still come. */
  readonly max: number;
}

const LARGEST_STEP = 65_536;
/** Pieces from this length on are kept as they are, when they fill most of their backing store. */
const KEPT_FROM = 4096;
/** How much memory may hold nothing for the sake of kept pieces, beside the unused end of the tail. */
const MAX_UNUSED = 16_384;
/**
 * The longest header of a frame. A server's are shorter: then a message of a few bytes may lie there
 * as well, of which nobody keeps more than a copy.
 */
const MAX_HEADER = 14;
/** From here on memory comes from the system as a block of its own. */
const LONG = 131_072;
const nothing = new Uint8Array(0);

/**
 * Bytes that arrived in pieces, as a queue of segments: time is linear in the bytes whatever the
 * sizes of the pieces, and memory follows what arrived, never what was promised.
 */
export class Gathering {
  readonly #sizes: GatheringSizes;
  readonly #max: number;
  readonly #given: boolean;
  #segments: Uint8Array[] = [];
  #tail: Uint8Array = nothing;
  #tailLength = 0;
  #step = 0;
  /** Bytes gathered so far. */
  length = 0;
  /** Bytes of memory that hold them. */
  held = 0;

  /**
   * No message is longer than `longest` either. Given pieces are nobody else's: when they have been
   * joined, their memory is free at once.
   */
  constructor(sizes: GatheringSizes, longest = Infinity, given = false) {
    this.#sizes = sizes;
    this.#given = given;
    this.#max = Math.min(sizes.max, longest);
  }

  /**
   * Takes a piece; small ones are copied so that they pin no read buffer. `expected` is how long
   * all will be, as far as it was announced.
   */
  add(bytes: Uint8Array, start: number, end: number, expected = Infinity): void {
    const length = end - start;
    this.length += length;
    // To keep a piece also leaves the rest of the tail unused for good.
    const held = this.held + bytes.buffer.byteLength;
    if (length >= KEPT_FROM && held - this.length <= MAX_UNUSED) {
      this.#sealTail();
      this.#segments.push(bytes.subarray(start, end));
      this.held += bytes.buffer.byteLength;
      return;
    }
    this.#copy(bytes, start, end, expected);
  }

  /** Takes the last piece, gives all bytes as one and starts anew. */
  finish(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    const position = this.#tailLength;
    if (this.#segments.length > 0 || length > this.#tail.length - position) {
      this.#sealTail();
      return this.#join(bytes.subarray(start, end));
    }
    this.#tail.set(bytes.subarray(start, end), position);
    const whole = this.#tail.subarray(0, position + length);
    this.clear();
    return whole;
  }

  /** Gives all bytes as one and starts anew. */
  take(): Uint8Array {
    this.#sealTail();
    const [first = nothing, ...others] = this.#segments;
    if (others.length > 0) return this.#join(nothing);
    this.clear();
    return first;
  }

  clear(): void {
    this.#segments = [];
    this.#tail = nothing;
    this.#tailLength = 0;
    this.#step = 0;
    this.length = 0;
    this.held = 0;
  }

  #copy(bytes: Uint8Array, start: number, end: number, expected: number): void {
    let position = start;
    while (position < end) {
      if (this.#tailLength === this.#tail.length) this.#grow(end - position, expected);
      const room = this.#tail.length - this.#tailLength;
      const until = Math.min(end, position + room);
      this.#tail.set(bytes.subarray(position, until), this.#tailLength);
      this.#tailLength += until - position;
      position = until;
    }
  }

  #grow(needed: number, expected: number): void {
    this.#sealTail();
    const { initial, growBy } = this.#sizes;
    // What was announced is likely to come: twice what is there is mostly enough for all.
    const wanted = expected === Infinity ? needed : needed * 2;
    if (growBy > 0) this.#step = this.#step === 0 ? initial : growBy;
    else this.#step = Math.min(Math.max(initial, this.#step * 2, wanted), LARGEST_STEP);
    // The length counts what is still to be copied. More may come than the most there should be:
    // a message too large waits for the decision whether it passes in pieces.
    const room = Math.min(this.#max, expected) - this.length + needed;
    const size = Math.min(this.#step, Math.max(needed, room));
    this.#tail = allocateOwn(size);
    this.held += size;
  }

  #sealTail(): void {
    if (this.#tailLength > 0) this.#segments.push(this.#tail.subarray(0, this.#tailLength));
    this.#tail = nothing;
    this.#tailLength = 0;
  }

  /** All segments and the last piece in memory of their own. */
  #join(last: Uint8Array): Uint8Array {
    const length = this.length + last.length;
    if (length >= LONG) keepFreedMemory();
    const whole = allocateOwn(length);
    let position = 0;
    for (const segment of this.#segments) {
      whole.set(segment, position);
      position += segment.length;
      if (this.#given && isAlone(segment)) release(segment);
    }
    whole.set(last, position);
    this.clear();
    return whole;
  }
}

/** Whether bytes lie alone in their backing store, but for the header of their frame. */
function isAlone({ buffer, byteOffset, length }: Uint8Array): boolean {
  return byteOffset <= MAX_HEADER && byteOffset + length === buffer.byteLength;
}
