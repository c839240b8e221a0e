/** Chunks below this are joined: copying them is cheaper than a write or a vector entry of their own. */
const JOIN_BELOW = 16_384;
/** How many bytes are joined at most. */
const JOINED = 65_536;

const nothing = new Uint8Array();

/** Gives memory in which small chunks are joined. */
export interface Joiner {
  allocate(size: number): Uint8Array;
}

/** Bytes that wait to be written, in order; taken out in pieces fit for one write. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  /** Index of the first chunk that waits. */
  #first = 0;
  /** How many bytes of the first chunk were taken. */
  #offset = 0;
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /**
   * Takes the next bytes, at most `limit`: small chunks joined in memory of `joiner`, a large one
   * as a view. Empty only when nothing waits.
   */
  take(limit: number, joiner: Joiner): Uint8Array {
    const size = this.#joinable(Math.min(limit, JOINED));
    if (size === 0) return this.#takeSlice(limit);
    return this.#takeJoined(joiner.allocate(size), size);
  }

  clear(): void {
    this.#chunks = [];
    this.#first = this.#offset = this.#length = 0;
  }

  /** The size of the small chunks that lie first, 0 when there is nothing to join. */
  #joinable(limit: number): number {
    let size = 0;
    let count = 0;
    for (let index = this.#first; index < this.#chunks.length; index++) {
      const length = this.#remaining(index);
      if (length >= JOIN_BELOW || size + length > limit) break;
      size += length;
      count++;
    }
    return count > 1 ? size : 0;
  }

  #remaining(index: number): number {
    const length = this.#chunks[index]?.length ?? 0;
    return index === this.#first ? length - this.#offset : length;
  }

  #takeSlice(limit: number): Uint8Array {
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined) return nothing;
    const start = this.#offset;
    const end = Math.min(chunk.length, start + limit);
    this.#length -= end - start;
    if (end === chunk.length) this.#advance();
    else this.#offset = end;
    return start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
  }

  #takeJoined(target: Uint8Array, size: number): Uint8Array {
    let length = 0;
    while (length < size) {
      const chunk = this.#takeSlice(size);
      target.set(chunk, length);
      length += chunk.length;
    }
    return target;
  }

  #advance(): void {
    this.#first++;
    this.#offset = 0;
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = this.#first = 0;
    } else if (this.#first >= 1024) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
  }
}
