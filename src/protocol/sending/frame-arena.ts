import { allocateOwn } from '#platform';

import { headerLength, writeFrame } from '../frame/encoder.ts';

/** As much as Node's own pool of small bytes: a slow receiver of one frame holds no more than that. */
const SIZE = 8192;
/** Larger frames have memory of their own. */
const MAX_FRAME = SIZE / 4;

/**
 * Makes unmasked frames that many receivers share. Small ones lie side by side, so that a burst of
 * them leaves as one range of memory without being joined; what was written never changes.
 */
export class FrameArena {
  #bytes = allocateOwn(0);
  #used = 0;

  /** Encodes a whole message as one frame. */
  frame(opcode: number, payload: Uint8Array | string, length: number, rsv: number): Uint8Array {
    const size = headerLength(length, false) + length;
    const bytes = size > MAX_FRAME ? allocateOwn(size) : this.#room(size);
    writeFrame(bytes, 0, opcode, payload, length, true, rsv, undefined);
    return bytes;
  }

  #room(size: number): Uint8Array {
    if (size > this.#bytes.length - this.#used) {
      this.#bytes = allocateOwn(SIZE);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += size;
    return this.#bytes.subarray(start, this.#used);
  }
}
