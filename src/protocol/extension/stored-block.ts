import { allocate } from '#platform';

const HEADER_LENGTH = 5;
const MAX_LENGTH = 0xffff;

/**
 * Writes bytes as blocks without compression (RFC 1951 §3.2.4) that end as a payload of
 * permessage-deflate does: flushed, for the last one without 00 00 ff ff (RFC 7692 §7.2.1).
 */
export function storeBlocks(bytes: Uint8Array, last: boolean): Uint8Array {
  const blocks = Math.ceil(bytes.length / MAX_LENGTH);
  const ending = last ? 1 : HEADER_LENGTH;
  const payload = allocate(blocks * HEADER_LENGTH + bytes.length + ending);
  let at = 0;
  for (let start = 0; start < bytes.length; start += MAX_LENGTH) {
    const block = bytes.subarray(start, start + MAX_LENGTH);
    writeHeader(payload, at, block.length);
    payload.set(block, at + HEADER_LENGTH);
    at += HEADER_LENGTH + block.length;
  }
  if (last) payload[at] = 0;
  else writeHeader(payload, at, 0);
  return payload;
}

function writeHeader(target: Uint8Array, at: number, length: number): void {
  const complement = length ^ 0xffff;
  target[at] = 0;
  target[at + 1] = length;
  target[at + 2] = length >>> 8;
  target[at + 3] = complement;
  target[at + 4] = complement >>> 8;
}
