/** As much as a socket reads at once by itself, in bytes. */
const SIZE = 65_536;

// One for all sockets: a read is handled before the next one begins. Whoever keeps a part of it
// that is less than half of its backing store copies that, so the store is more than twice as large.
let memory: Uint8Array | undefined;

/**
 * The reads of a plain socket, into memory that all share: 64 KiB for each read cost more than to
 * copy what is kept of it. A chunk is lent until the call returns.
 */
export class SharedReads {
  /** Who takes the chunks now. */
  onChunk: (chunk: Uint8Array) => void = ignore;

  /** The option of that name of `net.connect`. */
  get onread(): { buffer: Uint8Array; callback: (length: number, bytes: Uint8Array) => boolean } {
    memory ??= Buffer.allocUnsafeSlow(SIZE * 3).subarray(0, SIZE);
    const callback = (length: number, bytes: Uint8Array): boolean => {
      this.onChunk(bytes.subarray(0, length));
      return true;
    };
    return { buffer: memory, callback };
  }
}

function ignore(): void {}
