/** Opcodes of RFC 6455 §5.2. */
export const op = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The masking key of all frames that an attacker sends as a client (RFC 6455 §5.7). */
const sampleKey = Buffer.from('37fa213d', 'hex');

/** What may be wrong about a frame. */
export interface FrameBits {
  readonly fin?: boolean;
  /** The three reserved bits, RSV1 is 4. */
  readonly rsv?: number;
  /** The length that the header tells, whatever follows. */
  readonly declared?: number | bigint;
  /** Undefined sends the frame unmasked. */
  readonly key?: Uint8Array | undefined;
}

/** A frame as it stands on the wire. */
export interface Frame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** The key with which a frame is masked by the side that sends it. */
export function keyOf(side: 'client' | 'server'): Uint8Array | undefined {
  return side === 'client' ? sampleKey : undefined;
}

/** Builds a frame that may break any rule. */
export function buildFrame(
  opcode: number,
  payload: string | Uint8Array,
  { fin = true, rsv = 0, declared, key }: FrameBits,
): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.concat([
    Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode]),
    lengthBytes(declared ?? body.length, key !== undefined),
    key ?? Buffer.alloc(0),
  ]);
  if (key !== undefined) mask(body, key);
  return Buffer.concat([head, body]);
}

function mask(bytes: Uint8Array, key: Uint8Array): void {
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = (bytes[index] ?? 0) ^ (key[index & 3] ?? 0);
  }
}

function lengthBytes(length: number | bigint, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (length < 126) return Buffer.from([bit | Number(length)]);
  if (length < 0x1_0000)
    return Buffer.from([bit | 126, Number(length) >>> 8, Number(length) & 255]);
  const long = Buffer.alloc(9);
  long[0] = bit | 127;
  long.writeBigUInt64BE(BigInt(length), 1);
  return long;
}

/** The payload of a Close frame. */
export function closeBody(code: number, reason = ''): Buffer {
  return Buffer.concat([Buffer.from([code >>> 8, code & 255]), Buffer.from(reason)]);
}

/** Takes the first frame off some bytes; undefined while it is not complete. */
export function takeFrame(bytes: Buffer): { frame: Frame; size: number } | undefined {
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + extra + (second & 0x80 ? 4 : 0);
  if (bytes.length < 2 || bytes.length < start) return undefined;
  const length = extra === 0 ? short : Number(BigInt(`0x${bytes.toString('hex', 2, 2 + extra)}`));
  const size = start + length;
  if (bytes.length < size) return undefined;
  const payload = Buffer.from(bytes.subarray(start, size));
  const masked = (second & 0x80) !== 0;
  if (masked) mask(payload, bytes.subarray(start - 4, start));
  const bits = { opcode: first & 15, fin: (first & 0x80) !== 0, rsv: (first >>> 4) & 7 };
  return { frame: { ...bits, masked, payload }, size };
}
