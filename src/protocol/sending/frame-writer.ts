import { allocate, utf8Length, writeUtf8 } from '#platform';

import { frameOf, headerLength, payloadLength, writeFrame, writePart } from '../frame/encoder.ts';
import type { ProtocolHandler } from '../handler.ts';
import { Opcode } from '../opcode.ts';
import type { SharedFrame } from './shared-message.ts';

/** The most that is put together at once of a long frame, in bytes. */
const PART = 524_288;

/** Where frames go. */
export type FrameTarget = Pick<ProtocolHandler, 'write' | 'reserve' | 'space'>;

/** Writes messages as frames: draws the masking keys and keeps to the size of a fragment. */
export class FrameWriter {
  readonly #target: FrameTarget;
  readonly #nextMaskingKey: (() => number) | undefined;
  /** Undefined for no limit: an Infinity would take memory of its own in every connection. */
  readonly #maxFragmentSize: number | undefined;

  /** Without `nextMaskingKey` frames go unmasked, as a server's do (RFC 6455 §5.1). */
  constructor(
    target: FrameTarget,
    nextMaskingKey: (() => number) | undefined,
    maxFragmentSize: number,
  ) {
    this.#target = target;
    this.#nextMaskingKey = nextMaskingKey;
    this.#maxFragmentSize = maxFragmentSize === Infinity ? undefined : maxFragmentSize;
  }

  /** Whether frames that are shared leave as they are, whatever their size. */
  get keepsFrames(): boolean {
    return this.#nextMaskingKey === undefined && this.#maxFragmentSize === undefined;
  }

  /** Writes one frame, each with a masking key of its own (RFC 6455 §5.3). */
  frame(opcode: number, payload: Uint8Array | string, fin = true, rsv = 0): void {
    const target = this.#target;
    const key = this.#nextMaskingKey?.();
    const length = payloadLength(payload);
    const size = headerLength(length, key !== undefined) + length;
    const offset = target.reserve?.(size) ?? -1;
    const { space } = target;
    if (space !== undefined && offset >= 0)
      writeFrame(space, offset, opcode, payload, length, fin, rsv, key);
    else if (size > PART && typeof payload !== 'string')
      this.#frameInParts(Math.ceil(size / Math.ceil(size / PART)), opcode, payload, fin, rsv, key);
    else target.write(frameOf(opcode, payload, fin, rsv, key));
  }

  /** Writes a frame in parts of at most so many bytes, as long as there is room: they need no memory. */
  #frameInParts(
    most: number,
    opcode: number,
    payload: Uint8Array,
    fin: boolean,
    rsv: number,
    key: number | undefined,
  ): void {
    const target = this.#target;
    const { length } = payload;
    let header = headerLength(length, key !== undefined);
    let start = 0;
    for (let end = most - header; start < length; end = Math.min(length, end + most)) {
      const reserved = target.reserve?.(header + end - start) ?? -1;
      const { space } = target;
      if (reserved < 0 || space === undefined) break;
      writePart(space, reserved, opcode, payload, start, end, fin, rsv, key);
      start = end;
      header = 0;
    }
    if (start === length) return;
    const rest = allocate(header + length - start);
    writePart(rest, 0, opcode, payload, start, length, fin, rsv, key);
    target.write(rest);
  }

  /** Writes a message, or a fragment of one, in as many frames as its size asks for (RFC 6455 §5.4). */
  message(opcode: number, payload: Uint8Array | string, fin: boolean, rsv: number): void {
    const size = this.#maxFragmentSize;
    // A character takes at most three bytes, so most texts need not be measured.
    if (size === undefined || payload.length * 3 <= size) {
      return this.frame(opcode, payload, fin, rsv);
    }
    const bytes = typeof payload === 'string' ? encodeUtf8(payload) : payload;
    const first = bytes.length <= size;
    this.frame(opcode, bytes.subarray(0, size), fin && first, rsv);
    for (let start = size; start < bytes.length; start += size) {
      const last = start + size >= bytes.length;
      this.frame(Opcode.Continuation, bytes.subarray(start, start + size), fin && last);
    }
  }

  /** Writes a message that others send as well; a client masks its own (RFC 6455 §5.3). */
  shared({ opcode, rsv, payload, frame }: SharedFrame): void {
    const size = this.#maxFragmentSize ?? Infinity;
    if (this.#nextMaskingKey !== undefined || payload.length > size)
      this.message(opcode, payload, true, rsv);
    else this.#target.write(frame);
  }
}

/** A text as UTF-8, in bytes of its own. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = allocate(utf8Length(text));
  writeUtf8(text, bytes, 0);
  return bytes;
}
