import { Buffer } from 'node:buffer';
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib';
import type { DeflateRaw, InflateRaw } from 'node:zlib';

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

/** The sending half of permessage-deflate. */
export class Deflater {
  readonly #stream: DeflateRaw;
  readonly #reset: boolean;
  #output: Buffer[] = [];

  constructor({ windowBits, noContextTakeover }: Direction) {
    // zlib has no raw deflate window of 8 bits: without matches the data fit any window.
    const strategy = windowBits === 8 ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY;
    this.#stream = createDeflateRaw({
      windowBits: Math.max(9, windowBits),
      strategy,
      level: 1,
      chunkSize: 65_536,
    });
    this.#stream.on('data', (bytes: Buffer) => this.#output.push(bytes));
    this.#reset = noContextTakeover;
  }

  /** Compresses one message; one call at a time. */
  async compress(payload: Buffer): Promise<Buffer> {
    if (payload.length === 0) return Buffer.from([0]);
    this.#stream.write(payload);
    await new Promise<void>((resolve) => this.#stream.flush(constants.Z_SYNC_FLUSH, resolve));
    const bytes = withoutTail(Buffer.concat(this.#output));
    this.#output = [];
    if (this.#reset) this.#stream.reset();
    return bytes;
  }

  /** Frees zlib's memory. */
  end(): void {
    this.#stream.close();
  }
}

/** The receiving half of permessage-deflate; allows no larger window than was agreed. */
export class Inflater {
  #stream: InflateRaw | undefined;
  readonly #direction: Direction;
  #output: Buffer[] = [];
  #failure: Error | undefined;
  #done: () => void = () => {};

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  /** Decompresses one message; rejects when the data are not what RFC 7692 allows. */
  async inflate(payload: Buffer): Promise<Buffer> {
    const stream = (this.#stream ??= this.#open());
    await new Promise<void>((resolve) => {
      this.#done = resolve;
      stream.write(Buffer.concat([payload, tail]));
      stream.flush(resolve);
    });
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = Buffer.concat(this.#output);
    this.#output = [];
    if (this.#direction.noContextTakeover) this.#stream?.reset();
    return bytes;
  }

  /** Frees zlib's memory. */
  end(): void {
    this.#stream?.close();
  }

  #open(): InflateRaw {
    const { windowBits } = this.#direction;
    const stream = createInflateRaw({ windowBits, chunkSize: 65_536 });
    stream.on('data', (bytes: Buffer) => this.#output.push(bytes));
    stream.on('error', (error: Error) => {
      this.#failure = error;
      this.#done();
    });
    stream.on('end', () => {
      this.#stream = undefined;
      this.#done();
    });
    return stream;
  }
}
