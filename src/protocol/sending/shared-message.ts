import { type DeflateKind, numberOfKind, type SharedDeflate } from '../extension/shared-deflate.ts';
import { headerLength, payloadLength } from '../frame/encoder.ts';
import { Opcode } from '../opcode.ts';
import type { FrameArena } from './frame-arena.ts';

/** A whole message as it is sent without a masking key; nothing of it ever changes. */
export interface SharedFrame {
  readonly opcode: number;
  /** RSV1, RSV2 and RSV3 as a number: 4 for a compressed message (RFC 7692 §6). */
  readonly rsv: number;
  readonly payload: Uint8Array;
  /** Header and payload. */
  readonly frame: Uint8Array;
}

/** What makes the frames of messages for many. */
export interface SharedEncoder {
  readonly arena: FrameArena;
  readonly deflate: Pick<SharedDeflate, 'deflate'>;
}

type OnFrame = (frame: SharedFrame) => void;

const RSV1 = 4;

/**
 * A message for many receivers: its frame is made once for all that are alike, as is its compressed
 * form for each kind of deflater without context takeover.
 */
export class SharedMessage {
  /** Without compression. */
  readonly plain: SharedFrame;
  /** Whether to compress it, where that was negotiated; undefined: by its size. */
  readonly compress: boolean | undefined;
  readonly #encoder: SharedEncoder;
  /** By the number of the kind; those who wait while it is being made. */
  #deflated: Map<number, SharedFrame | OnFrame[]> | undefined;

  /** The payload may change afterwards. */
  constructor(payload: Uint8Array | string, compress: boolean | undefined, encoder: SharedEncoder) {
    const opcode = typeof payload === 'string' ? Opcode.Text : Opcode.Binary;
    const length = payloadLength(payload);
    const frame = encoder.arena.frame(opcode, payload, length, 0);
    const bytes = frame.subarray(headerLength(length, false));
    this.plain = { opcode, rsv: 0, payload: bytes, frame };
    this.compress = compress;
    this.#encoder = encoder;
  }

  /** The length of its payload in bytes, uncompressed. */
  get length(): number {
    return this.plain.payload.length;
  }

  /** Compressed, if that is done already; else `onFrame` is called once it is, not during this call. */
  deflated(kind: DeflateKind, onFrame: OnFrame): SharedFrame | undefined {
    const number = numberOfKind(kind);
    const known = (this.#deflated ??= new Map()).get(number);
    if (known === undefined) this.#deflate(kind, number, onFrame);
    else if (!Array.isArray(known)) return known;
    else known.push(onFrame);
    return undefined;
  }

  #deflate(kind: DeflateKind, number: number, onFrame: OnFrame): void {
    const { opcode, payload: bytes } = this.plain;
    const { arena, deflate } = this.#encoder;
    const waiting = [onFrame];
    this.#deflated?.set(number, waiting);
    deflate.deflate(kind, bytes, (payload) => {
      const frame = arena.frame(opcode, payload, payload.length, RSV1);
      const made = { opcode, rsv: RSV1, payload, frame };
      this.#deflated?.set(number, made);
      for (const each of waiting) each(made);
    });
  }
}
