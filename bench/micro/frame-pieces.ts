import { applyMask, encodeFrame, FrameDecoder } from 'hawser/protocol';

import { maskedFrame, repeated, takeFrame } from '../load/frames.ts';
import { Random } from '../load/random.ts';
import type { Piece } from './piece.ts';

const random = new Random(1);

const sink = { onFrame: () => {}, onPayload: () => {} };

/** Takes the frames of a chunk out one by one, each payload unmasked in a copy. */
function takeAll(chunk: Buffer): void {
  for (let rest = chunk; rest.length > 0;) {
    const taken = takeFrame(rest);
    if (taken === undefined) return;
    rest = rest.subarray(taken[1]);
  }
}

function decoding(size: number, count: number): Piece {
  const frames = repeated(maskedFrame('binary', random.bytes(size), random), count);
  const chunk = Buffer.from(frames);
  const decoder = new FrameDecoder({ masked: true, allowRsv1: false }, sink);
  const own = (): void => {
    // Decoding unmasks in place.
    chunk.set(frames);
    decoder.decode(chunk);
  };
  const plain = (): void => {
    chunk.set(frames);
    takeAll(chunk);
  };
  return { id: `decode-${size}`, title: `decode masked ${size} B`, operations: count, own, plain };
}

/** Makes an unmasked frame of up to 64 KiB the plain way. */
export function plainFrame(payload: Uint8Array): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : 4);
  header[0] = 0x82;
  header[1] = length < 126 ? length : 126;
  if (length >= 126) header.writeUInt16BE(length, 2);
  return Buffer.concat([header, payload]);
}

function encoding(size: number, count: number): Piece {
  const payload = random.bytes(size);
  const times = (encode: (payload: Uint8Array) => unknown) => () => {
    for (let index = 0; index < count; index += 1) encode(payload);
  };
  const own = times((bytes) => encodeFrame(2, bytes));
  const plain = times(plainFrame);
  return { id: `encode-${size}`, title: `encode ${size} B`, operations: count, own, plain };
}

function maskPlainly(bytes: Uint8Array, key: Uint8Array): void {
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = (bytes[index] ?? 0) ^ (key[index & 3] ?? 0);
  }
}

function masking(size: number, count: number): Piece {
  const bytes = random.bytes(size);
  const key = Uint8Array.of(1, 2, 3, 4);
  const own = (): void => {
    for (let index = 0; index < count; index += 1) applyMask(bytes, 0, size, 0x01020304);
  };
  const plain = (): void => {
    for (let index = 0; index < count; index += 1) maskPlainly(bytes, key);
  };
  return { id: `mask-${size}`, title: `mask ${size} B`, operations: count, own, plain };
}

/** Frames: decoded, encoded, masked. */
export const framePieces: readonly Piece[] = [
  decoding(32, 512),
  decoding(16_384, 16),
  encoding(32, 512),
  encoding(1_024, 256),
  masking(32, 1_000),
  masking(16_384, 50),
];
