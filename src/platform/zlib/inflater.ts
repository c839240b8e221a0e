import { Buffer } from 'node:buffer';
import { constants, createInflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';

import type { Codec, CodecSink } from '../platform.ts';
import { JobRunner } from './job-runner.ts';
import type { LoopTime } from './loop-time.ts';
import type { PostponingCodec } from './postponed-job.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { Turns } from './turns.ts';
import { streamOptions } from './zlib-stream.ts';
import type { ZlibOwner } from './zlib-worker.ts';

// A step of zlib ends when a chunk is full. Inflating 1 MiB took 3.6 ms in chunks of 16 KiB and
// 1.7 ms in chunks of 64 KiB; a message of 1 KiB takes 26 µs in either, so memory decides there.
const SMALL_CHUNK = 16 * 1024;
const LARGE_CHUNK = 64 * 1024;

/**
 * Input and output of what is inflated on the thread itself: to 1 KiB takes 5 µs, to 16 KiB 20 µs;
 * to the pool and back takes 65 µs or more, of which the thread itself pays 40.
 */
const MAX_INPUT_NOW = 4096;
const MAX_OUTPUT_NOW = 16 * 1024;
/** The first piece of memory for such output, for each byte of input and at least. */
const GUESSED_RATIO = 5;
const MIN_GUESS = 512;

/** A message may have this many final blocks, and one more for each KiB: each costs 30 µs. */
const MAX_FINAL_BLOCKS = 16;
const INPUT_OF_FINAL_BLOCK = 1024;

// An empty final block, and a byte that must be left over: so an unfinished block is noticed.
const END = Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff, 0x00);
const GUARD = 1;

/** Where a small message and what is read behind it are put together: kept, as it is used at once. */
const together = new Uint8Array(MAX_INPUT_NOW + 2 * END.length);

/** What node:zlib gives with the option `info`. */
interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

/**
 * Has a zlib stream only inside a message and beyond it a copy of the last window of output, the
 * dictionary of the next stream. So a block with BFINAL, which ends a zlib stream, loses nothing, a
 * truncated message is noticed, and an idle connection holds 4 KiB (12 bits) in place of 20 KiB;
 * a message of 1 KiB costs 26–31 µs in place of 24 µs. zlib does not tell its window, and pieces
 * handed on may be changed by their receiver: hence the copy.
 */
export class Inflater implements PostponingCodec, Codec, ZlibOwner {
  readonly #windowBits: number;
  readonly #sink: CodecSink;
  readonly #turns: Turns;
  readonly #loopTime: LoopTime;
  readonly #window: SlidingWindow;
  #runner: JobRunner | undefined;
  /** Whether a part of the message was read. */
  #begun = false;
  #inputLength = 0;
  #endingLength = -1;
  #finalBlocks = 0;
  /** Bytes of the message in the jobs before this one. */
  #earlier = 0;

  constructor(windowBits: number, sink: CodecSink, turns: Turns, loopTime: LoopTime) {
    this.#windowBits = windowBits;
    this.#sink = sink;
    this.#turns = turns;
    this.#loopTime = loopTime;
    this.#window = new SlidingWindow(1 << windowBits);
  }

  run(input: Uint8Array, ending?: Uint8Array): void {
    const small = !this.#begun && ending !== undefined && input.length <= MAX_INPUT_NOW;
    this.#jobs().run(input, ending, small);
  }

  runInPool(input: Uint8Array, ending: Uint8Array | undefined): void {
    this.#begun = true;
    this.#inputLength = input.length;
    this.#endingLength = ending === undefined ? -1 : ending.length;
    this.#jobs().runInPool(ending === undefined ? input : Buffer.concat([input, ending, END]));
  }

  runNow(
    input: Uint8Array,
    ending: Uint8Array,
    maxLength: number,
    forgets: boolean,
  ): Uint8Array | undefined {
    if (input.length > MAX_INPUT_NOW || !this.#loopTime.left) return undefined;
    const whole = withEnding(input, ending);
    const inflated = this.#inflateNow(whole, Math.min(maxLength, MAX_OUTPUT_NOW));
    if (inflated === undefined) return undefined;
    const { buffer, engine } = inflated;
    const left = whole.length - engine.bytesWritten;
    // Behind a final block more may follow, which takes another stream.
    if (!endsMessage(left, ending.length)) return undefined;
    if (!forgets) this.#window.append(buffer);
    return buffer;
  }

  pause(): void {
    this.#jobs().pause();
  }

  resume(): void {
    this.#runner?.resume();
  }

  close(): void {
    this.#runner?.drop();
    this.#endMessage();
    this.#window.clear();
  }

  onOutput(bytes: Uint8Array): void {
    this.#window.append(bytes);
    this.#sink.onOutput(bytes, this.#consumed());
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
    const chunkSize = 4 * inputLength < SMALL_CHUNK ? SMALL_CHUNK : LARGE_CHUNK;
    return createInflateRaw({ ...this.#options(chunkSize, undefined), ...streamOptions });
  }

  #inflateNow(whole: Uint8Array, maxLength: number): Inflated | undefined {
    const guess = Math.min(Math.max(GUESSED_RATIO * whole.length, MIN_GUESS), MAX_OUTPUT_NOW);
    const options = this.#options(guess, maxLength);
    const begun = this.#loopTime.begin();
    try {
      return inflateRawSync(whole, options) as unknown as Inflated;
    } catch {
      return undefined;
    } finally {
      this.#loopTime.end(begun);
    }
  }

  /** Made when first needed: who gets small messages alone needs none. */
  #jobs(): JobRunner {
    return (this.#runner ??= new JobRunner(this, this.#sink, this.#turns, this.#loopTime));
  }

  #options(chunkSize: number, maxOutputLength: number | undefined): ZlibOptions {
    return {
      windowBits: this.#windowBits,
      flush: constants.Z_SYNC_FLUSH,
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize,
      maxOutputLength,
      dictionary: this.#window.last(Infinity),
      info: true,
    };
  }

  #consumed(): number {
    return Math.min(this.#jobs().consumed, this.#inputLength);
  }

  #onEndConsumed(left: number): void {
    if (endsMessage(left, this.#endingLength)) {
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
    const paid = (this.#earlier + this.#consumed()) / INPUT_OF_FINAL_BLOCK;
    if (this.#finalBlocks <= MAX_FINAL_BLOCKS + paid) return this.#jobs().continueAfresh();
    this.onFailed(new RangeError('the compressed data have too many final blocks'));
  }

  #endMessage(): void {
    this.#runner?.dropStream();
    this.#begun = false;
    this.#finalBlocks = 0;
    this.#earlier = 0;
  }
}

/** All of the ending is left over where a final block was the message's last: it ended the message. */
function endsMessage(left: number, endingLength: number): boolean {
  return left === GUARD || left === endingLength + END.length;
}

/** A small message with what is read behind it; valid until the next call. */
function withEnding(input: Uint8Array, ending: Uint8Array): Uint8Array {
  const length = input.length + ending.length;
  together.set(input);
  together.set(ending, input.length);
  together.set(END, length);
  return together.subarray(0, length + END.length);
}
