/**
 * Bytes in one piece of memory to which more is appended for all queues that follow it at once, until
 * something else happens to one of them.
 */
export class GrowingRange {
  readonly memory: ArrayBufferLike;
  end: number;
  /** How many bytes more all that follow it take. */
  room = Infinity;
  /** Whether it may still grow. */
  open = true;

  constructor(bytes: Uint8Array) {
    this.memory = bytes.buffer;
    this.end = bytes.byteOffset + bytes.length;
  }

  /** Appends bytes that lie right behind it in its memory; false where it does not. */
  append(bytes: Uint8Array): boolean {
    const { length } = bytes;
    if (!this.open || length >= this.room) return false;
    if (bytes.byteOffset !== this.end || bytes.buffer !== this.memory) return false;
    this.end += length;
    this.room -= length;
    return true;
  }
}
