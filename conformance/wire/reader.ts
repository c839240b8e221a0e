import { Buffer } from 'node:buffer';

import { applyMask } from './frame.ts';

/** A frame as it was read, unmasked, with the facts that may break a rule. */
export interface ReadFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly payload: Buffer;
  /** The masking key, or undefined for an unmasked frame. */
  readonly key: Buffer | undefined;
  /** Whether the length was written in the shortest form (RFC 6455 §5.2). */
  readonly minimal: boolean;
}

interface Header {
  readonly first: number;
  readonly masked: boolean;
  readonly size: number;
  readonly length: number;
  readonly minimal: boolean;
}

/** Cuts a byte stream into frames; knows the format of RFC 6455 §5.2 and none of its rules. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #available = 0;
  #header: Header | undefined;

  /** The bytes of a frame that has not arrived as a whole. */
  get pending(): number {
    return this.#available;
  }

  /** Takes a chunk and gives the frames that are complete now. */
  push(chunk: Buffer): ReadFrame[] {
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    const frames: ReadFrame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): ReadFrame | undefined {
    this.#header ??= this.#readHeader();
    const header = this.#header;
    if (header === undefined || this.#available < header.size + header.length) return undefined;
    this.#take(header.masked ? header.size - 4 : header.size);
    const key = header.masked ? Buffer.from(this.#take(4)) : undefined;
    const payload = Buffer.from(this.#take(header.length));
    if (key !== undefined) applyMask(payload, key);
    this.#header = undefined;
    const { first, minimal } = header;
    const fin = (first & 0x80) !== 0;
    return { opcode: first & 15, fin, rsv: (first >> 4) & 7, payload, key, minimal };
  }

  #readHeader(): Header | undefined {
    if (this.#available < 2) return undefined;
    const [first = 0, second = 0] = this.#peek(2);
    const masked = (second & 0x80) !== 0;
    const code = second & 0x7f;
    const extended = code === 127 ? 8 : code === 126 ? 2 : 0;
    const size = 2 + extended + (masked ? 4 : 0);
    if (this.#available < size) return undefined;
    const head = this.#peek(size);
    const length =
      extended === 0
        ? code
        : extended === 2
          ? head.readUInt16BE(2)
          : Number(head.readBigUInt64BE(2));
    const minimal = extended === 0 || (extended === 2 ? length > 125 : length > 65_535);
    return { first, masked, size, length, minimal };
  }

  #peek(size: number): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= size) return first.subarray(0, size);
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all.subarray(0, size);
  }

  #take(size: number): Buffer {
    const bytes = this.#peek(size);
    const [first] = this.#chunks;
    if (first !== undefined) {
      if (first.length === size) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(size);
    }
    this.#available -= size;
    return bytes;
  }
}
