import { allocate, utf8Length, writeUtf8 } from '#platform';

import { copyInto } from './copy.ts';
import { applyMask } from './mask.ts';

/** The bits and the key of a frame. */
export interface FrameOptions {
  /** Whether it ends its message. Default: true. */
  readonly fin?: boolean;
  /** RSV1, RSV2 and RSV3 as a number from 0 to 7; RSV1 counts 4. Default: 0. */
  readonly rsv?: number;
  /** The 32-bit masking key, read big-endian; 0 is a legal key. Default: undefined, unmasked. */
  readonly maskingKey?: number | undefined;
}

/**
 * Encodes one whole frame (RFC 6455 §5.2); a string is written straight into it as UTF-8. Throws a
 * RangeError or TypeError for what no frame can hold. Frames that break rules can be made, so that a
 * peer's answer to them can be tested.
 */
export function encodeFrame(
  opcode: number,
  payload: Uint8Array | string,
  options: FrameOptions = {},
): Uint8Array {
  const { fin = true, rsv = 0, maskingKey, ...unknown } = options;
  checkRange('opcode', opcode, 0xf);
  checkRange('rsv', rsv, 7);
  if (maskingKey !== undefined) checkRange('maskingKey', maskingKey, 0xffff_ffff);
  if (typeof payload !== 'string' && !(payload instanceof Uint8Array)) {
    throw new TypeError('payload must be a string or a Uint8Array');
  }
  if (typeof fin !== 'boolean') throw new TypeError('fin must be true or false');
  for (const key of Object.keys(unknown)) {
    throw new TypeError(`unknown option ${key}; allowed are fin, rsv, maskingKey`);
  }
  return frameOf(opcode, payload, fin, rsv, maskingKey);
}

function checkRange(name: string, value: number, maximum: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= maximum) return;
  throw new RangeError(`${name} must be an integer from 0 to ${maximum}, but is ${String(value)}`);
}

/** As `encodeFrame`, without an options object: the frame path allocates nothing but the frame. */
export function frameOf(
  opcode: number,
  payload: Uint8Array | string,
  fin: boolean,
  rsv: number,
  maskingKey: number | undefined,
): Uint8Array {
  const length = payloadLength(payload);
  const frame = allocate(headerLength(length, maskingKey !== undefined) + length);
  writeFrame(frame, 0, opcode, payload, length, fin, rsv, maskingKey);
  return frame;
}

/** The length of a payload in bytes, of text as UTF-8. */
export function payloadLength(payload: Uint8Array | string): number {
  return typeof payload === 'string' ? utf8Length(payload) : payload.length;
}

/** Writes one whole frame at an offset; the caller has made room for header and payload. */
export function writeFrame(
  target: Uint8Array,
  offset: number,
  opcode: number,
  payload: Uint8Array | string,
  length: number,
  fin: boolean,
  rsv: number,
  maskingKey: number | undefined,
): void {
  const start = writeHeader(target, offset, opcode, length, fin, rsv, maskingKey);
  if (typeof payload === 'string') writeUtf8(payload, target, start);
  else copyInto(payload, target, start);
  // A key of zero leaves every byte as it is.
  if (maskingKey) applyMask(target, start, start + length, maskingKey);
}

/** Writes `payload[from..to)` as a part of a frame, the first part behind the frame's header. */
export function writePart(
  target: Uint8Array,
  offset: number,
  opcode: number,
  payload: Uint8Array,
  from: number,
  to: number,
  fin: boolean,
  rsv: number,
  maskingKey: number | undefined,
): void {
  const { length } = payload;
  const start =
    from > 0 ? offset : writeHeader(target, offset, opcode, length, fin, rsv, maskingKey);
  target.set(payload.subarray(from, to), start);
  if (maskingKey) applyMask(target, start, start + to - from, maskingKey, from);
}

function writeHeader(
  target: Uint8Array,
  offset: number,
  opcode: number,
  length: number,
  fin: boolean,
  rsv: number,
  maskingKey: number | undefined,
): number {
  target[offset] = (fin ? 0x80 : 0) | ((rsv & 0x7) << 4) | opcode;
  const start = writeLength(target, offset, length, maskingKey !== undefined);
  return maskingKey === undefined ? start : writeUint32(target, start, maskingKey);
}

/** The length of a frame's header in bytes (RFC 6455 §5.2). */
export function headerLength(payloadLength: number, masked: boolean): number {
  const extended = payloadLength < 126 ? 0 : payloadLength < 0x1_0000 ? 2 : 8;
  return 2 + extended + (masked ? 4 : 0);
}

/** Writes the mask bit and the shortest form of the length; returns the offset past them. */
function writeLength(frame: Uint8Array, offset: number, length: number, masked: boolean): number {
  const mask = masked ? 0x80 : 0;
  if (length < 126) {
    frame[offset + 1] = mask | length;
    return offset + 2;
  }
  if (length < 0x1_0000) {
    frame[offset + 1] = mask | 126;
    frame[offset + 2] = length >>> 8;
    frame[offset + 3] = length & 0xff;
    return offset + 4;
  }
  frame[offset + 1] = mask | 127;
  writeUint32(frame, offset + 2, Math.floor(length / 0x1_0000_0000));
  return writeUint32(frame, offset + 6, length >>> 0);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}
