import { constants, deflateRawSync } from 'node:zlib';

import { ownWork } from './own-work.ts';

/** The bit that marks a compressed message (RFC 7692 §6). */
export const rsv1 = { rsv: 4 };

/** A message as RFC 7692 §7.2.1 has it: deflated, without the four bytes of the empty block. */
export function deflated(data: string | Uint8Array): Buffer {
  const flushed = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, windowBits: 12 });
  return flushed.subarray(0, -4);
}

/** So many MiB of zeros in about as many KB. */
export function bomb(mebibytes: number): Buffer {
  const settings = { finishFlush: constants.Z_FULL_FLUSH, windowBits: 12 };
  return ownWork(() => {
    const one = deflateRawSync(Buffer.alloc(1_048_576), settings);
    return Buffer.concat(Array<Buffer>(mebibytes).fill(one)).subarray(0, -4);
  });
}
