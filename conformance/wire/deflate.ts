import { Buffer } from 'node:buffer';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

/** The four bytes that end a sync flush and are left off the wire (RFC 7692 §7.2.1). */
export const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** How one direction of a connection is compressed (RFC 7692 §7.1). */
export interface Direction {
  readonly windowBits: number;
  readonly noContextTakeover: boolean;
}

/** The agreed parameters of permessage-deflate. */
export interface Agreement {
  readonly client: Direction;
  readonly server: Direction;
}

function withoutTail(bytes: Buffer): Buffer {
  const ends = bytes.length >= 4 && bytes.subarray(-4).equals(tail);
  return ends ? bytes.subarray(0, -4) : bytes;
}

/** Compresses one message for itself, as a first message of a connection (RFC 7692 §7.2.1). */
export function deflated(payload: string | Buffer, windowBits = 9): Buffer {
  const finishFlush = constants.Z_SYNC_FLUSH;
  return withoutTail(deflateRawSync(payload, { windowBits, finishFlush }));
}

/** Compresses one message into a stream whose last block has BFINAL set (RFC 7692 §7.2.3.4). */
export function deflatedFinal(payload: string | Buffer): Buffer {
  return Buffer.concat([deflateRawSync(payload, { windowBits: 9 }), Buffer.from([0])]);
}

/** The last bytes of a history that a window of so many bits can refer to. */
function windowOf(history: Buffer, bytes: Buffer, windowBits: number): Buffer {
  const size = 2 ** windowBits;
  const all = bytes.length >= size ? bytes : Buffer.concat([history, bytes]);
  return Buffer.from(all.subarray(Math.max(0, all.length - size)));
}

/** The sending half of permessage-deflate. */
export class Deflater {
  readonly #direction: Direction;
  #history: Buffer = Buffer.alloc(0);

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** Compresses one message behind those before it. */
  compress(payload: Buffer): Buffer {
    if (payload.length === 0) return Buffer.from([0]);
    const { windowBits, noContextTakeover } = this.#direction;
    const bytes = deflateRawSync(payload, {
      level: 1,
      windowBits: Math.max(9, windowBits),
      // zlib has no raw deflate window of 8 bits: without matches the data fit any window.
      strategy: windowBits === 8 ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#history.length > 0 && { dictionary: this.#history }),
    });
    if (!noContextTakeover) this.#history = windowOf(this.#history, payload, windowBits);
    return withoutTail(bytes);
  }
}

/** The receiving half of permessage-deflate; allows hardly more than the window that was agreed. */
export class Inflater {
  readonly #direction: Direction;
  #history: Buffer = Buffer.alloc(0);

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** Decompresses one message; throws when the data are not what RFC 7692 allows. */
  inflate(payload: Buffer): Buffer {
    const { windowBits, noContextTakeover } = this.#direction;
    const bytes = inflateRawSync(Buffer.concat([payload, tail]), {
      windowBits,
      // zlib looks for distances beyond the window only when they leave its piece of output.
      chunkSize: Math.max(64, 2 ** (windowBits - 3)),
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#history.length > 0 && { dictionary: this.#history }),
    });
    if (!noContextTakeover) this.#history = windowOf(this.#history, bytes, windowBits);
    return bytes;
  }
}
