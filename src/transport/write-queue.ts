import { ByteQueue, type Joiner } from './byte-queue.ts';
import { Slab } from './slab.ts';

/** Shared by all transports: what lies in it is mostly written before the turn ends. */
const shared = new Slab();

/** What waits to be written by one transport: bytes of others, and frames put together in place. */
export class WriteQueue implements Joiner {
  readonly #chunks = new ByteQueue();
  readonly #slab: Slab;
  /** Where its part of the slab lies, and how much that is. */
  #space: Buffer | undefined;
  #reserved = 0;
  /** The range that was reserved last and may still grow. */
  #start = -1;
  #end = -1;

  constructor(slab: Slab = shared) {
    this.#slab = slab;
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#chunks.length + this.#end - this.#start;
  }

  /** The memory that `reserve` gives room in. */
  get space(): Uint8Array {
    return this.#slab.bytes;
  }

  push(bytes: Uint8Array): void {
    this.#seal();
    this.#chunks.push(bytes);
  }

  /** Appends so many bytes, to be filled at once: their offset in `space`, -1 for none. */
  reserve(length: number): number {
    const { bytes } = this.#slab;
    if (this.#space !== undefined && this.#space !== bytes) return -1;
    const offset = this.#slab.reserve(length);
    if (offset < 0) return -1;
    this.#space = bytes;
    this.#reserved += length;
    if (offset !== this.#end) {
      this.#seal();
      this.#start = offset;
    }
    this.#end = offset + length;
    return offset;
  }

  /** Takes the next bytes, at most `limit`, fit for one write. */
  take(limit: number): Uint8Array {
    this.#seal();
    return this.#chunks.take(limit, this);
  }

  /** Memory to join small chunks in. */
  allocate(size: number): Uint8Array {
    const { bytes } = this.#slab;
    const offset =
      this.#space === undefined || this.#space === bytes ? this.#slab.reserve(size) : -1;
    if (offset < 0) return Buffer.allocUnsafe(size);
    this.#space = bytes;
    this.#reserved += size;
    return bytes.subarray(offset, offset + size);
  }

  /** What was taken has left, or somebody else still holds it: only then the slab is used again. */
  settle(left: boolean): void {
    if (this.#space === undefined) return;
    this.#seal();
    if (left && this.length === 0) this.#slab.release(this.#space, this.#reserved);
    else this.#slab.giveUp(this.#space);
    this.#space = undefined;
    this.#reserved = 0;
  }

  clear(): void {
    this.#start = this.#end = -1;
    this.#chunks.clear();
    this.settle(false);
  }

  #seal(): void {
    if (this.#space !== undefined && this.#end > this.#start) {
      this.#chunks.push(this.#space.subarray(this.#start, this.#end));
    }
    this.#start = this.#end = -1;
  }
}
