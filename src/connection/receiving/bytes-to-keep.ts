import { LastBytes } from '../../transport/last-bytes.ts';

/** What small messages share at most, in bytes: less than in Node's own pool. */
const SHARED = 4096;
/** How often the first of them fits into what is shared: else a copy of its own is cheaper. */
const LEAST = 4;
/** How much may be shared for each byte of small messages before: a lone one pins nothing more. */
const GROWTH = 4;
/** The largest bytes that are remembered until others come: a chunk, but no message put together. */
const REMEMBERED = 65_536;

const none = new Uint8Array(0);

/** The last chunk. */
const source = new LastBytes<Uint8Array>(none);
/** The same as no Buffer, whose own `slice` copies nothing: that of V8 takes half of any other copy. */
let plain: Uint8Array = none;

// The last copy that was shared: where in that chunk it begins and ends.
let shared: Uint8Array = none;
let sharedStore: ArrayBufferLike = none.buffer;
let from = 0;
let until = 0;
/** Bytes of small messages that came in that chunk so far. */
let small = 0;

/**
 * A range of a read buffer as a Uint8Array that is the user's to keep: a copy when it is shorter
 * than half of its backing store, which a view would pin, or when something follows it there, if only
 * memory that zlib goes on to fill, which a user who transfers the message would take along.
 */
export function bytesToKeep(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (bytes !== source.bytes) turnTo(bytes);
  const kept = keep(start, end);
  if (bytes.length > REMEMBERED) turnTo(none);
  return kept;
}

/**
 * As `bytesToKeep` for one message after the other of a chunk that is not changed any more, as
 * clients get it: small ones are copied together, which takes 40 ns a message in place of 100.
 */
export function sharedToKeep(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (bytes !== source.bytes) turnTo(bytes);
  // Who was given some of the copy may have transferred it away, which leaves it empty.
  const copied = end <= until && shared.length > 0;
  if (!copied && !share(bytes, start, end)) return bytesToKeep(bytes, start, end);
  small += end - start;
  return new Uint8Array(sharedStore, start - from, end - start);
}

function keep(start: number, end: number): Uint8Array {
  const follows = source.start + end < source.storeSize;
  if ((end - start) * 2 < source.storeSize || follows) return plain.slice(start, end);
  return new Uint8Array(source.store, source.start + start, end - start);
}

function turnTo(bytes: Uint8Array): void {
  source.turnTo(bytes);
  plain = new Uint8Array(source.store, source.start, bytes.length);
  from = until = small = 0;
}

/** Copies what begins there, if several messages as long as the first may be in it. */
function share(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length * LEAST > SHARED) return false;
  const size = Math.min(bytes.length - start, SHARED, small * GROWTH);
  if (size < length * LEAST || size === 0) {
    small += length;
    return false;
  }
  const offset = source.start + start;
  sharedStore = source.store.slice(offset, offset + size);
  shared = new Uint8Array(sharedStore);
  from = start;
  until = start + size;
  return true;
}
