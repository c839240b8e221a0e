/** Larger joined writes come from the slab, smaller ones from Node's own pool. */
const FROM_SLAB = 4_096;
const SIZE = 65_536;

/**
 * Memory for joined writes, used again as soon as the operating system has taken what lies in it:
 * fresh memory of that size costs twice as much as the copy itself.
 */
export class Slab {
  #bytes: Uint8Array | undefined;
  #used = 0;

  readonly allocate = (size: number): Uint8Array => {
    if (size < FROM_SLAB || size > SIZE - this.#used) return Buffer.allocUnsafe(size);
    this.#bytes ??= Buffer.allocUnsafeSlow(SIZE);
    const start = this.#used;
    this.#used += size;
    return this.#bytes.subarray(start, this.#used);
  };

  /** Ends a turn: the memory is used again, or left to whoever still holds it. */
  release(reusable: boolean): void {
    if (this.#used === 0) return;
    this.#used = 0;
    if (!reusable) this.#bytes = undefined;
  }
}
