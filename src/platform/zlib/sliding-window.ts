const EMPTY = new Uint8Array(0);

/** The last bytes that were compressed, or came out again: blocks to come may refer to them (RFC 1951 §2). */
export class SlidingWindow {
  readonly #size: number;
  #bytes: Uint8Array = EMPTY;
  #length = 0;

  /** Keeps at most `size` bytes, and no more memory than was needed so far. */
  constructor(size: number) {
    this.#size = size;
  }

  /** How many bytes are kept. */
  get length(): number {
    return this.#length;
  }

  /** The last bytes of what is kept, `count` at most, oldest first; valid until the next call. */
  last(count: number): Uint8Array | undefined {
    const length = this.#length;
    if (length === 0) return undefined;
    return this.#bytes.subarray(length - Math.min(count, length), length);
  }

  /** Copies what matters of further bytes. */
  append(bytes: Uint8Array): void {
    const added = Math.min(bytes.length, this.#size);
    const kept = Math.min(this.#length, this.#size - added);
    if (kept < this.#length) this.#bytes.copyWithin(0, this.#length - kept, this.#length);
    this.#length = kept;
    this.#reserve(kept + added);
    this.#bytes.set(bytes.subarray(bytes.length - added), kept);
    this.#length = kept + added;
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    this.#bytes = EMPTY;
    this.#length = 0;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.min(this.#size, Math.max(length, 2 * this.#bytes.length)));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
