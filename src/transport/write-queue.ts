import type { Writable } from 'node:stream';

import { ByteQueue, type Joiner } from './byte-queue.ts';
import type { GrowingRange } from './growing-range.ts';
import { LastBytes } from './last-bytes.ts';
import { Slab, SLAB_SIZE } from './slab.ts';

/** Shared by all transports: what lies in it is mostly written before the turn ends. */
const shared = new Slab();
/** For frames that are longer than that, one at a time. */
const wide = new Slab();
/** The longest of them, and what a stream that takes all it is given is handed at a time, in bytes. */
export const LONGEST = 524_288;

/** The longest frame that is put together in the slab although it is copied out of it again. */
const COPIED = 4096;

const nothing = Buffer.alloc(0);

/** What was viewed last, and what was pushed: many write the same bytes, one behind the other. */
const viewed = new LastBytes<Buffer>(nothing);
const pushed = new LastBytes<Uint8Array>(nothing);
/** The largest memory that may be kept alive by that, in bytes. */
const KEPT = 65_536;

/** What waits to be written by one transport: bytes of others, and frames put together in place. */
export class WriteQueue implements Joiner {
  readonly #slab: Slab;
  /** Whether the bytes taken are kept beyond the write: then they must not lie in the slab. */
  readonly #kept: boolean;
  /** What waits in front of the range; made when that is not all. */
  #chunks: ByteQueue | undefined;
  /** Where its part of the slab lies, and how much that is. */
  #space: Buffer | undefined;
  #reserved = 0;
  /** The range that was appended last: it grows as long as what follows lies behind it. */
  #memory: ArrayBufferLike | undefined;
  #start = 0;
  #end = 0;
  /** Says where that range ends instead. */
  #followed: GrowingRange | undefined;

  constructor(kept = false, slab: Slab = shared) {
    this.#kept = kept;
    this.#slab = slab;
  }

  /** How many bytes wait. */
  get length(): number {
    return (this.#chunks?.length ?? 0) + (this.#followed?.end ?? this.#end) - this.#start;
  }

  /** The memory that `reserve` gives room in. */
  get space(): Uint8Array {
    return this.#space ?? this.#slab.bytes;
  }

  /** Ends where the range does from now on, until anything else happens here; if it ends there now. */
  follow(range: GrowingRange): boolean {
    if (this.#memory !== range.memory || this.#end !== range.end) return false;
    this.#followed = range;
    return true;
  }

  push(bytes: Uint8Array): void {
    this.#unfollow();
    if (bytes !== pushed.bytes) pushed.turnTo(bytes);
    this.#append(pushed.store, pushed.start, bytes.length);
    if (pushed.storeSize > KEPT) pushed.forget();
  }

  /** Appends so many bytes, to be filled at once: their offset in `space`, -1 for none. */
  reserve(length: number): number {
    if (length > (this.#kept ? COPIED : LONGEST)) return -1;
    const slab = length > SLAB_SIZE ? wide : this.#slab;
    if (slab === wide) wide.fit(length);
    const { bytes } = slab;
    if (this.#space !== undefined && this.#space !== bytes) return -1;
    this.#unfollow();
    const offset = slab.reserve(length);
    if (offset < 0) return -1;
    this.#space = bytes;
    this.#reserved += length;
    this.#append(slab.store, offset, length);
    return offset;
  }

  /** Writes the next bytes, at most `limit`, in one go. */
  writeTo(stream: Writable, limit: number, onWritten: (() => void) | undefined): void {
    const first = this.take(limit);
    if (this.length === 0 || first.length >= limit) {
      stream.write(first, onWritten);
      return;
    }
    stream.cork();
    for (let left = limit, bytes = first; bytes.length > 0; bytes = this.take(left)) {
      left -= bytes.length;
      stream.write(bytes, onWritten);
    }
    stream.uncork();
  }

  /** Takes the next bytes, at most `limit`, fit for one write. */
  take(limit: number): Uint8Array {
    this.#unfollow();
    const bytes = this.#take(limit);
    return this.#kept && bytes.buffer === this.#space?.buffer ? Buffer.from(bytes) : bytes;
  }

  #take(limit: number): Uint8Array {
    if (this.#chunks === undefined && this.#end - this.#start <= limit) return this.#takeRange();
    this.#seal();
    const bytes = (this.#chunks ??= new ByteQueue()).take(limit, this);
    if (this.#chunks.length === 0) this.#chunks = undefined;
    return bytes;
  }

  /** Memory to join small chunks in. */
  allocate(size: number): Uint8Array {
    const { bytes } = this.#slab;
    const offset =
      this.#space === undefined || this.#space === bytes ? this.#slab.reserve(size) : -1;
    if (offset < 0) return Buffer.allocUnsafe(size);
    this.#space = bytes;
    this.#reserved += size;
    return bytes.subarray(offset, offset + size);
  }

  /** What was taken has left, or somebody else still holds it: only then the slab is used again. */
  settle(left: boolean): void {
    if (this.#space === undefined) return;
    const slab = this.#reserved > SLAB_SIZE ? wide : this.#slab;
    if (left && this.length === 0) slab.release(this.#space, this.#reserved);
    else slab.giveUp(this.#space);
    this.#space = undefined;
    this.#reserved = 0;
  }

  clear(): void {
    this.#unfollow();
    this.#start = this.#end = 0;
    this.#memory = this.#chunks = undefined;
    this.settle(false);
  }

  #unfollow(): void {
    const range = this.#followed;
    if (range === undefined) return;
    this.#end = range.end;
    range.open = false;
    this.#followed = undefined;
  }

  #append(memory: ArrayBufferLike, start: number, length: number): void {
    if (memory !== this.#memory || start !== this.#end) {
      this.#seal();
      this.#memory = memory;
      this.#start = start;
    }
    this.#end = start + length;
  }

  /** Nothing follows the range in its memory. */
  #seal(): void {
    if (this.#end > this.#start) (this.#chunks ??= new ByteQueue()).push(this.#takeRange());
  }

  #takeRange(): Uint8Array {
    const [memory, start, length] = [this.#memory, this.#start, this.#end - this.#start];
    this.#start = this.#end = 0;
    this.#memory = undefined;
    if (memory === undefined) return nothing;
    if (memory.byteLength > KEPT) return Buffer.from(memory, start, length);
    if (viewed.store !== memory || viewed.start !== start || viewed.bytes.length !== length) {
      viewed.put(Buffer.from(memory, start, length), memory, start);
    }
    return viewed.bytes;
  }
}
