/** Fresh memory of this size costs twice as much as filling it. */
export const SLAB_SIZE = 65_536;

/**
 * Memory that bytes are put together in and written from. It is used again once all that lies in it
 * has left; memory whose bytes the operating system does not take at once is given up.
 */
export class Slab {
  #size = SLAB_SIZE;
  #bytes: Buffer | undefined;
  /** Beside its bytes: to ask these for it takes a call out of JavaScript, 16 ns a frame. */
  #store: ArrayBufferLike | undefined;
  #used = 0;
  /** Bytes that were reserved and have not left. */
  #open = 0;

  /** The memory that `reserve` gives room in. */
  get bytes(): Buffer {
    return (this.#bytes ??= Buffer.allocUnsafeSlow(this.#size));
  }

  /** The backing store of these bytes. */
  get store(): ArrayBufferLike {
    return (this.#store ??= this.bytes.buffer);
  }

  /** Has room for so many bytes unless it is in use, and no more than twice that: it may be given up. */
  fit(length: number): void {
    if (this.#open > 0 || (length <= this.#size && length * 2 > this.#size)) return;
    this.#size = length;
    this.#bytes = this.#store = undefined;
  }

  /** Room for so many bytes, as an offset; -1 when there is too little. */
  reserve(length: number): number {
    if (length > this.#size - this.#used) return -1;
    const offset = this.#used;
    this.#used += length;
    this.#open += length;
    return offset;
  }

  /** So many bytes of this memory have left. */
  release(bytes: Buffer, length: number): void {
    if (bytes !== this.#bytes) return;
    this.#open -= length;
    if (this.#open === 0) this.#used = 0;
  }

  /** Leaves this memory to whoever still holds some of it. */
  giveUp(bytes: Buffer): void {
    if (bytes !== this.#bytes) return;
    this.#bytes = this.#store = undefined;
    this.#used = this.#open = 0;
  }
}
