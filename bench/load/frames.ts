import { applyMask, encodeFrame } from 'hawser/protocol';

import type { Random } from './random.ts';

/** The opcodes of messages (RFC 6455 §11.8). */
export const opcodes = { text: 1, binary: 2 } as const;

/** The kinds of messages. */
export type MessageType = keyof typeof opcodes;

/** Makes a whole message, masked as a client must (RFC 6455 §5.3); `rsv` 4 means compressed. */
export function maskedFrame(
  type: MessageType,
  payload: Uint8Array,
  random: Random,
  rsv = 0,
): Uint8Array {
  return encodeFrame(opcodes[type], payload, { rsv, maskingKey: random.word() });
}

/** Makes a whole message as a server sends it. */
export function serverFrame(type: MessageType, payload: Uint8Array): Uint8Array {
  return encodeFrame(opcodes[type], payload);
}

/** Bytes of an unmasked frame with a payload of `length` bytes (RFC 6455 §5.2). */
export function frameLength(length: number): number {
  if (length < 126) return 2 + length;
  return length < 65_536 ? 4 + length : 10 + length;
}

/** Puts a frame `count` times in one piece of memory. */
export function repeated(frame: Uint8Array, count: number): Uint8Array {
  const all = new Uint8Array(frame.length * count);
  for (let index = 0; index < count; index += 1) all.set(frame, index * frame.length);
  return all;
}

/** A frame as it was received, its payload unmasked. */
export interface ReceivedFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** Takes the first whole frame out of `bytes`, with the number of bytes it took. */
export function takeFrame(bytes: Buffer): readonly [ReceivedFrame, number] | undefined {
  const [first = 0, second = 0] = bytes;
  const extra = { 126: 2, 127: 8 }[second & 0x7f] ?? 0;
  const masked = second >= 128;
  const start = 2 + extra + (masked ? 4 : 0);
  if (bytes.length < start) return undefined;
  const length =
    extra === 0 ? second & 0x7f : bytes.readUIntBE(extra === 2 ? 2 : 4, extra === 2 ? 2 : 6);
  if (bytes.length < start + length) return undefined;
  const payload = Uint8Array.from(bytes.subarray(start, start + length));
  if (masked) applyMask(payload, 0, length, bytes.readUInt32BE(start - 4));
  const frame = { fin: first >= 128, rsv: (first >> 4) & 7, opcode: first & 15, payload };
  return [frame, start + length];
}
