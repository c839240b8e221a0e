import { allocate, utf8Length, writeUtf8 } from '#platform';

import { frameOf, headerLength, payloadLength, writeFrame } from '../frame/encoder.ts';
import type { ProtocolHandler } from '../handler.ts';
import { Opcode } from '../opcode.ts';
import type { SharedFrame } from './shared-message.ts';

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

  /** Writes one frame, each with a masking key of its own (RFC 6455 §5.3). */
  frame(opcode: number, payload: Uint8Array | string, fin = true, rsv = 0): void {
    const target = this.#target;
    const key = this.#nextMaskingKey?.();
    const length = payloadLength(payload);
    const size = headerLength(length, key !== undefined) + length;
    const offset = target.reserve?.(size) ?? -1;
    const { space } = target;
    if (offset < 0 || space === undefined) target.write(frameOf(opcode, payload, fin, rsv, key));
    else writeFrame(space, offset, opcode, payload, length, fin, rsv, key);
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
