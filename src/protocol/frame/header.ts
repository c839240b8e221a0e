import { ProtocolError } from '../errors.ts';
import { isControlOpcode, isReservedOpcode } from '../opcode.ts';

/** What a receiver demands of every header (RFC 6455 §5.1–§5.2). */
export interface HeaderRules {
  /** Whether frames must be masked; otherwise they must not. */
  readonly masked: boolean;
  /** Whether an extension gives RSV1 a meaning on the first frame of a message (RFC 7692 §6). */
  readonly allowRsv1: boolean;
  /** Whether all reserved bits and opcodes pass. Default: false. */
  readonly allowReserved?: boolean;
  /** The longest payload, in bytes. Default: Infinity. */
  readonly maxFrameSize?: number;
}

/** A payload length above 2^53 - 1 has more than this in its upper half. */
const MAX_SAFE_HIGH = 0x1f_ffff;

/** The fields of a frame header (RFC 6455 §5.2). One instance is reused for every frame. */
export class FrameHeader {
  fin = false;
  /** RSV1, RSV2 and RSV3 as a number from 0 to 7; RSV1 counts 4. */
  rsv = 0;
  opcode = 0;
  masked = false;
  maskingKey = 0;
  payloadLength = 0;

  /** Reads a header at `start`; returns the offset just past it, or -1 when `end` comes first. */
  read(bytes: Uint8Array, start: number, end: number, rules: HeaderRules): number {
    if (end - start < 2) return -1;
    const first = bytes[start]!;
    const second = bytes[start + 1]!;
    this.fin = first >= 0x80;
    this.rsv = (first >>> 4) & 0x7;
    this.opcode = first & 0x0f;
    this.masked = second >= 0x80;
    this.#check(second & 0x7f, rules);
    const position = this.#readLength(bytes, start + 2, end, second & 0x7f);
    if (position < 0) return -1;
    const limit = rules.maxFrameSize ?? Infinity;
    if (this.payloadLength > limit) throw new ProtocolError('FRAME_TOO_BIG');
    if (!this.masked) return position;
    if (end < position + 4) return -1;
    this.maskingKey = uint32(bytes, position);
    return position + 4;
  }

  #check(short: number, rules: HeaderRules): void {
    const { rsv, opcode } = this;
    if (rsv !== 0 && rules.allowReserved !== true) {
      const meaningful = rsv === 4 && rules.allowRsv1 && !isControlOpcode(opcode) && opcode !== 0;
      if (!meaningful) throw new ProtocolError('RESERVED_BITS');
    }
    if (isReservedOpcode(opcode) && rules.allowReserved !== true) {
      throw new ProtocolError('RESERVED_OPCODE');
    }
    if (this.masked !== rules.masked) {
      throw new ProtocolError(rules.masked ? 'MASK_REQUIRED' : 'MASK_FORBIDDEN');
    }
    if (!isControlOpcode(opcode)) return;
    if (!this.fin) throw new ProtocolError('CONTROL_FRAGMENTED');
    if (short > 125) throw new ProtocolError('CONTROL_TOO_LONG');
  }

  /** Reads the extended length, which must be the shortest form; returns the offset past it or -1. */
  #readLength(bytes: Uint8Array, start: number, end: number, short: number): number {
    if (short < 126) {
      this.payloadLength = short;
      return start;
    }
    if (short === 126) {
      if (end < start + 2) return -1;
      this.payloadLength = (bytes[start]! << 8) | bytes[start + 1]!;
      if (this.payloadLength < 126) throw new ProtocolError('LENGTH_NOT_MINIMAL');
      return start + 2;
    }
    if (end < start + 8) return -1;
    const high = uint32(bytes, start);
    if (high >= 0x8000_0000) throw new ProtocolError('LENGTH_TOP_BIT');
    if (high > MAX_SAFE_HIGH) throw new ProtocolError('FRAME_TOO_BIG');
    this.payloadLength = high * 0x1_0000_0000 + uint32(bytes, start + 4);
    if (this.payloadLength < 0x1_0000) throw new ProtocolError('LENGTH_NOT_MINIMAL');
    return start + 8;
  }
}

function uint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  );
}
