import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';

/** The opcodes of RFC 6455 §5.2. */
export const opcodes = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
} as const;

/** A frame as the fuzzer wants it on the wire, wrong ones included. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly fin?: boolean;
  /** The three RSV bits as a number: 4 is RSV1, 2 is RSV2, 1 is RSV3. */
  readonly rsv?: number;
  /** The length form to write: 7, 16 or 64 bits; the shortest unless given. */
  readonly form?: 7 | 16 | 64;
  /** The length to declare, in bytes; the payload's own unless given. */
  readonly declared?: bigint;
  /** Masks where the sender must not, and the other way round. */
  readonly wrongMask?: boolean;
  /** The four bytes of the masking key; random unless given. */
  readonly key?: Buffer;
}

type Extra = Partial<Omit<Frame, 'opcode' | 'payload'>>;

/** Makes a frame of any opcode; a string payload is written as UTF-8. */
export function frame(opcode: number, payload: string | Buffer = '', extra: Extra = {}): Frame {
  return {
    opcode,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    ...extra,
  };
}

/** Makes a text frame (RFC 6455 §5.6). */
export function text(payload: string | Buffer = '', extra: Extra = {}): Frame {
  return frame(opcodes.text, payload, extra);
}

/** Makes a binary frame (RFC 6455 §5.6). */
export function binary(payload: string | Buffer = '', extra: Extra = {}): Frame {
  return frame(opcodes.binary, payload, extra);
}

/** Makes a continuation frame (RFC 6455 §5.4). */
export function continuation(payload: string | Buffer = '', extra: Extra = {}): Frame {
  return frame(opcodes.continuation, payload, extra);
}

/** Makes a Ping frame (RFC 6455 §5.5.2). */
export function ping(payload: string | Buffer = '', extra: Extra = {}): Frame {
  return frame(opcodes.ping, payload, extra);
}

/** Makes a Pong frame (RFC 6455 §5.5.3). */
export function pong(payload: string | Buffer = '', extra: Extra = {}): Frame {
  return frame(opcodes.pong, payload, extra);
}

/** Makes a Close frame; without a code its payload is empty (RFC 6455 §5.5.1). */
export function close(code?: number, reason: string | Buffer = '', extra: Extra = {}): Frame {
  if (code === undefined) return frame(opcodes.close, '', extra);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return frame(opcodes.close, Buffer.concat([head, Buffer.from(reason)]), extra);
}

/** Splits one payload into fragments of at most `size` bytes (RFC 6455 §5.4). */
export function fragments(first: Frame, size: number): Frame[] {
  const { payload } = first;
  const frames: Frame[] = [];
  for (let start = 0; start === 0 || start < payload.length; start += size) {
    const fin = start + size >= payload.length && first.fin !== false;
    const piece = payload.subarray(start, start + size);
    frames.push(start === 0 ? { ...first, payload: piece, fin } : continuation(piece, { fin }));
  }
  return frames;
}

/** XORs the bytes with the four-byte key, in place (RFC 6455 §5.3). */
export function applyMask(bytes: Uint8Array, key: Uint8Array): void {
  const [a = 0, b = 0, c = 0, d = 0] = key;
  const whole = bytes.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    bytes[i] = (bytes[i] ?? 0) ^ a;
    bytes[i + 1] = (bytes[i + 1] ?? 0) ^ b;
    bytes[i + 2] = (bytes[i + 2] ?? 0) ^ c;
    bytes[i + 3] = (bytes[i + 3] ?? 0) ^ d;
  }
  for (let i = whole; i < bytes.length; i++) bytes[i] = (bytes[i] ?? 0) ^ (key[i & 3] ?? 0);
}

function lengthForm(length: bigint): 7 | 16 | 64 {
  if (length < 126n) return 7;
  return length < 65_536n ? 16 : 64;
}

function lengthBytes(form: 7 | 16 | 64, length: bigint, maskBit: number): Buffer {
  if (form === 7) return Buffer.from([maskBit | Number(length)]);
  const bytes = Buffer.alloc(form === 16 ? 3 : 9);
  bytes[0] = maskBit | (form === 16 ? 126 : 127);
  if (form === 16) bytes.writeUInt16BE(Number(length), 1);
  else bytes.writeBigUInt64BE(length, 1);
  return bytes;
}

/** Encodes a frame for a sender that masks (`client`) or does not (RFC 6455 §5.2). */
export function encode(frame: Frame, sender: 'client' | 'server'): Buffer {
  const masked = (sender === 'client') !== (frame.wrongMask ?? false);
  const declared = frame.declared ?? BigInt(frame.payload.length);
  const first = (frame.fin === false ? 0 : 0x80) | ((frame.rsv ?? 0) << 4) | frame.opcode;
  const length = lengthBytes(frame.form ?? lengthForm(declared), declared, masked ? 0x80 : 0);
  if (!masked) return Buffer.concat([Buffer.from([first]), length, frame.payload]);
  const key = frame.key ?? randomBytes(4);
  const payload = Buffer.from(frame.payload);
  applyMask(payload, key);
  return Buffer.concat([Buffer.from([first]), length, key, payload]);
}
