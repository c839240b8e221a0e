import { availableParallelism } from 'node:os';
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';

import { type Keeper, KeptStreams } from './kept-streams.ts';
import type { Codec, CodecSink, DeflaterSettings } from './platform.ts';
import { SlidingWindow } from './sliding-window.ts';
import { Turns } from './turns.ts';
import { type ZlibOwner, ZlibWorker } from './zlib-worker.ts';

// A step of zlib ends when a chunk is full. Inflating 1 MiB took 3.6 ms in chunks of 16 KiB and
// 1.7 ms in chunks of 64 KiB; a message of 1 KiB takes 26 µs in either, so memory decides there.
const SMALL_CHUNK = 16 * 1024;
const LARGE_CHUNK = 64 * 1024;

/**
 * The input of one turn: 16 KiB deflate in about 0.5 ms, and inflate to 1.6 MiB at the ratio that is
 * allowed by default in about 2 ms.
 */
const AT_ONCE = 16 * 1024;

/** Compressors kept between messages: a busy one saves 15 µs a message, an idle one 107 KiB. */
const MAX_KEPT = 64;

/** A message may have this many final blocks, and one more for each KiB: each costs 30 µs. */
const MAX_FINAL_BLOCKS = 16;
const INPUT_OF_FINAL_BLOCK = 1024;

const EMPTY = new Uint8Array(0);

// An empty final block, and a byte that must be left over: so an unfinished block is noticed.
const END = Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff, 0x00);
const GUARD = 1;

// One thread of libuv's pool is left to files, names and keys; more jobs than cores gain nothing.
const poolSize = Number(process.env['UV_THREADPOOL_SIZE']) || 4;
const sharedTurns = new Turns(Math.max(1, Math.min(poolSize - 1, availableParallelism())));
const sharedStreams = new KeptStreams(MAX_KEPT);

/** Makes a compressor. A window of 8 bits never yields a distance over 250 (RFC 7692 §7.1.2). */
export function createDeflater(
  settings: DeflaterSettings,
  sink: CodecSink,
  turns = sharedTurns,
  kept = sharedStreams,
): Codec {
  return new Deflater(settings, sink, turns, kept);
}

/** Makes a decompressor with a window of 8–15 bits; blocks with BFINAL end nothing (RFC 7692 §7.2.3.4). */
export function createInflater(windowBits: number, sink: CodecSink, turns = sharedTurns): Codec {
  return new Inflater(windowBits, sink, turns);
}

/**
 * Keeps its zlib stream between jobs as long as few others do, and beyond that a copy of the last
 * window of input, the dictionary of the next stream: 4 KiB (12 bits) in place of 107 KiB.
 */
class Deflater implements Codec, ZlibOwner, Keeper {
  readonly #settings: DeflaterSettings;
  readonly #sink: CodecSink;
  readonly #kept: KeptStreams;
  readonly #window: SlidingWindow;
  readonly #worker: ZlibWorker;
  #input: Uint8Array = EMPTY;

  constructor(settings: DeflaterSettings, sink: CodecSink, turns: Turns, kept: KeptStreams) {
    this.#settings = settings;
    this.#sink = sink;
    this.#kept = kept;
    this.#window = new SlidingWindow(1 << settings.windowBits);
    this.#worker = new ZlibWorker(this, turns, AT_ONCE);
  }

  run(input: Uint8Array): void {
    this.#kept.delete(this);
    this.#input = input;
    this.#worker.run(input);
  }

  pause(): void {
    this.#worker.pause();
  }

  resume(): void {
    this.#worker.resume();
  }

  close(): void {
    this.#kept.delete(this);
    this.#worker.drop();
    this.#window.clear();
    this.#input = EMPTY;
  }

  dropStream(): void {
    this.#worker.drop();
  }

  onOutput(bytes: Uint8Array): void {
    this.#sink.onOutput(bytes, this.#worker.consumed);
  }

  onConsumed(): void {
    this.#window.append(this.#input);
    this.#input = EMPTY;
    this.#kept.add(this);
    this.#sink.onDone();
  }

  onFailed(error: Error): void {
    this.close();
    this.#sink.onDone(error);
  }

  create() {
    const { windowBits, level, memoryLevel } = this.#settings;
    const dictionary = this.#window.bytes;
    return createDeflateRaw({
      // zlib has no raw window of 8 bits; with 9 it looks back at most 512 - 262 = 250 bytes.
      windowBits: Math.max(windowBits, 9),
      level,
      memLevel: memoryLevel,
      flush: constants.Z_SYNC_FLUSH,
      chunkSize: SMALL_CHUNK,
      ...(dictionary.length > 0 && { dictionary }),
    });
  }
}

/**
 * Has a zlib stream only inside a message and beyond it a copy of the last window of output, the
 * dictionary of the next stream. So a block with BFINAL, which ends a zlib stream, loses nothing, a
 * truncated message is noticed, and an idle connection holds 4 KiB (12 bits) in place of 20 KiB;
 * a message of 1 KiB costs 26–31 µs in place of 24 µs. zlib does not tell its window, and pieces
 * handed on may be changed by their receiver: hence the copy.
 */
class Inflater implements Codec, ZlibOwner {
  readonly #windowBits: number;
  readonly #sink: CodecSink;
  readonly #window: SlidingWindow;
  readonly #worker: ZlibWorker;
  #inputLength = 0;
  #endingLength = -1;
  #finalBlocks = 0;
  /** Bytes of the message in the jobs before this one. */
  #earlier = 0;

  constructor(windowBits: number, sink: CodecSink, turns: Turns) {
    this.#windowBits = windowBits;
    this.#sink = sink;
    this.#window = new SlidingWindow(1 << windowBits);
    this.#worker = new ZlibWorker(this, turns, AT_ONCE);
  }

  run(input: Uint8Array, ending?: Uint8Array): void {
    this.#inputLength = input.length;
    this.#endingLength = ending === undefined ? -1 : ending.length;
    this.#worker.run(ending === undefined ? input : Buffer.concat([input, ending, END]));
  }

  pause(): void {
    this.#worker.pause();
  }

  resume(): void {
    this.#worker.resume();
  }

  close(): void {
    this.#endMessage();
    this.#window.clear();
  }

  onOutput(bytes: Uint8Array): void {
    this.#window.append(bytes);
    this.#sink.onOutput(bytes, this.#consumed);
  }

  onConsumed(left: number): void {
    if (this.#endingLength >= 0) {
      this.#onEndConsumed(left);
    } else if (left > 0) {
      this.#continueAfresh();
    } else {
      this.#earlier += this.#inputLength;
      this.#sink.onDone();
    }
  }

  onFailed(error: Error): void {
    this.close();
    this.#sink.onDone(error);
  }

  create(inputLength: number) {
    const dictionary = this.#window.bytes;
    return createInflateRaw({
      windowBits: this.#windowBits,
      flush: constants.Z_SYNC_FLUSH,
      chunkSize: 4 * inputLength < SMALL_CHUNK ? SMALL_CHUNK : LARGE_CHUNK,
      ...(dictionary.length > 0 && { dictionary }),
    });
  }

  get #consumed(): number {
    return Math.min(this.#worker.consumed, this.#inputLength);
  }

  // All of the ending is left over where a final block was the message's last: it ended the message.
  #onEndConsumed(left: number): void {
    if (left === GUARD || left === this.#endingLength + END.length) {
      this.#endMessage();
      this.#sink.onDone();
    } else if (left === 0) {
      this.onFailed(new Error('the compressed data end inside a block'));
    } else {
      this.#continueAfresh();
    }
  }

  #continueAfresh(): void {
    this.#finalBlocks++;
    const paid = (this.#earlier + this.#consumed) / INPUT_OF_FINAL_BLOCK;
    if (this.#finalBlocks <= MAX_FINAL_BLOCKS + paid) return this.#worker.continueAfresh();
    this.onFailed(new RangeError('the compressed data have too many final blocks'));
  }

  #endMessage(): void {
    this.#worker.drop();
    this.#finalBlocks = 0;
    this.#earlier = 0;
  }
}
