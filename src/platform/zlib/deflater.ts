import { constants, createDeflateRaw, deflateRawSync, type ZlibOptions } from 'node:zlib';

import type { Codec, CodecSink, DeflaterSettings } from '../platform.ts';
import { JobRunner } from './job-runner.ts';
import type { Keeper, KeptStreams } from './kept-streams.ts';
import type { LoopTime } from './loop-time.ts';
import type { PostponingCodec } from './postponed-job.ts';
import { SlidingWindow } from './sliding-window.ts';
import type { Turns } from './turns.ts';
import { streamOptions } from './zlib-stream.ts';
import type { ZlibOwner } from './zlib-worker.ts';

/** The output of one step of zlib: a message of 1 KiB takes 26 µs whatever it is. */
const CHUNK = 16 * 1024;

/**
 * Input that is deflated on the thread itself: 1 KiB takes 12 µs, to the pool and back 50 to 85;
 * 4 KiB take 27 µs, at the default level at worst 440, and the pool costs the thread itself as much.
 */
const SMALL = 4096;

/** Beyond a window of 8 KiB a stream that was kept is cheaper than one that reads it. */
const MAX_WINDOW = 8192;

/** Output begins with room for three quarters of its input, and this; what it lacks costs 1 µs. */
const ROOM = 64;

const EMPTY = new Uint8Array(0);

/**
 * Keeps its zlib stream between jobs as long as few others do, and beyond that a copy of the last
 * window of input, the dictionary of the next stream: 4 KiB (12 bits) in place of 107 KiB.
 */
export class Deflater implements PostponingCodec, Codec, ZlibOwner, Keeper {
  readonly #settings: DeflaterSettings;
  readonly #sink: CodecSink;
  readonly #turns: Turns;
  readonly #kept: KeptStreams;
  readonly #loopTime: LoopTime;
  readonly #window: SlidingWindow;
  #runner: JobRunner | undefined;
  #input: Uint8Array = EMPTY;

  constructor(
    settings: DeflaterSettings,
    sink: CodecSink,
    turns: Turns,
    kept: KeptStreams,
    loopTime: LoopTime,
  ) {
    this.#settings = settings;
    this.#sink = sink;
    this.#turns = turns;
    this.#kept = kept;
    this.#loopTime = loopTime;
    this.#window = new SlidingWindow(1 << settings.windowBits);
  }

  run(input: Uint8Array): void {
    this.#jobs().run(input, undefined, this.#small(input));
  }

  runInPool(input: Uint8Array): void {
    this.#kept.delete(this);
    this.#input = input;
    this.#jobs().runInPool(input);
  }

  runNow(
    input: Uint8Array,
    _ending: Uint8Array,
    _maxLength: number,
    forgets: boolean,
  ): Uint8Array | undefined {
    if (!this.#small(input) || !this.#loopTime.left) return undefined;
    const output = this.#deflateNow(input);
    if (output === undefined) return undefined;
    if (forgets) return output;
    // A kept stream would not know of this job; the window does.
    this.#kept.delete(this);
    this.#runner?.dropStream();
    this.#window.append(input);
    return output;
  }

  pause(): void {
    this.#jobs().pause();
  }

  resume(): void {
    this.#runner?.resume();
  }

  close(): void {
    this.#runner?.drop();
    this.#kept.delete(this);
    this.#window.clear();
    this.#input = EMPTY;
  }

  dropStream(): void {
    this.#runner?.dropStream();
  }

  onOutput(bytes: Uint8Array): void {
    this.#sink.onOutput(bytes, this.#jobs().consumed);
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
    const options = this.#options(CHUNK, this.#window.last(Infinity));
    return createDeflateRaw({ ...options, ...streamOptions });
  }

  /** Made when first needed: who compresses small messages alone needs none. */
  #jobs(): JobRunner {
    return (this.#runner ??= new JobRunner(this, this.#sink, this.#turns, this.#loopTime));
  }

  #small(input: Uint8Array): boolean {
    return input.length <= SMALL && this.#window.length <= MAX_WINDOW;
  }

  #deflateNow(input: Uint8Array): Uint8Array | undefined {
    const { length } = input;
    // To read 1 KiB of a dictionary takes 1.5 µs. Half a window gives what the whole one gives: 278.0
    // against 277.6 bytes for 1 KiB of JSON.
    const dictionary = this.#window.last(1 << (this.#settings.windowBits - 1));
    const options = this.#options(length - (length >> 2) + ROOM, dictionary);
    const begun = this.#loopTime.begin();
    try {
      return deflateRawSync(input, options);
    } catch {
      return undefined;
    } finally {
      this.#loopTime.end(begun);
    }
  }

  #options(chunkSize: number, dictionary: Uint8Array | undefined): ZlibOptions {
    const { windowBits, level, memoryLevel } = this.#settings;
    return {
      // zlib has no raw window of 8 bits; with 9 it looks back at most 512 - 262 = 250 bytes.
      windowBits: Math.max(windowBits, 9),
      level,
      memLevel: memoryLevel,
      flush: constants.Z_SYNC_FLUSH,
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize,
      dictionary,
    };
  }
}
