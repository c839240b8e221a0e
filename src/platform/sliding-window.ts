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

  /** What is kept, oldest first; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
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
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}
