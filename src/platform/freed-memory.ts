import { Buffer } from 'node:buffer';

/** The C library of Linux learns from a block of up to 32 MiB, and keeps twice as much as it learnt. */
const LESSON = 16_777_216;

type Transfer = (this: ArrayBufferLike, length: number) => unknown;

/** Frees the backing store of bytes that nobody needs any more, at once where the host can. */
export function release(bytes: Uint8Array): void {
  // Node 20 has none: the collector frees what is let go there.
  const { transfer } = ArrayBuffer.prototype as { readonly transfer?: Transfer };
  try {
    transfer?.call(bytes.buffer, 0);
  } catch {
    // Memory that is shared, or WebAssembly's, stays as it is.
  }
}

let taught = false;

/**
 * Called when long messages come. glibc returns the free end of its heap to the system when it is
 * longer than twice the largest block that was ever freed: where messages of 1 MiB come and go,
 * that is every time, and the system clears all pages anew. One block that is freed untouched
 * raises that bound; other C libraries do nothing.
 */
export function keepFreedMemory(): void {
  if (taught) return;
  taught = true;
  try {
    release(Buffer.allocUnsafeSlow(LESSON));
  } catch {
    // Where there is no memory for that, there may be enough for the message.
  }
}
