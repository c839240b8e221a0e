import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';

import { OutputWindow } from './output-window.ts';
import type { Codec, CodecSink, DeflaterSettings } from './platform.ts';
import { type ZlibListener, ZlibStream } from './zlib-stream.ts';

// A step of zlib ends when a chunk is full. Inflating 1 MiB took 3.6 ms in chunks of 16 KiB and
// 1.7 ms in chunks of 64 KiB; a message of 1 KiB takes 26 µs in either, so memory decides there.
const SMALL_CHUNK = 16 * 1024;
const LARGE_CHUNK = 64 * 1024;

const EMPTY = new Uint8Array(0);

// An empty final block, and a byte that must be left over: so an unfinished block is noticed.
const END = Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff, 0x00);
const GUARD = 1;

/** Makes a compressor. A window of 8 bits never yields a distance over 250 (RFC 7692 §7.1.2). */
export function createDeflater(settings: DeflaterSettings, sink: CodecSink): Codec {
  return new Deflater(settings, sink);
}

/** Makes a decompressor with a window of 8–15 bits; blocks with BFINAL end nothing (RFC 7692 §7.2.3.4). */
export function createInflater(windowBits: number, sink: CodecSink): Codec {
  return new Inflater(windowBits, sink);
}

/**
 * Keeps its zlib stream until `reset`, which frees it: one takes 107 KiB (12 bits, memory level 5),
 * and a message of 1 KiB costs 39 µs with a new one, 24 µs with one that keeps its window.
 */
class Deflater implements Codec, ZlibListener {
  readonly #settings: DeflaterSettings;
  readonly #sink: CodecSink;
  #stream: ZlibStream | undefined;
  #paused = false;

  constructor(settings: DeflaterSettings, sink: CodecSink) {
    this.#settings = settings;
    this.#sink = sink;
  }

  run(input: Uint8Array): void {
    this.#stream ??= new ZlibStream(this.#create(input.length), this, this.#paused);
    this.#stream.write(input);
  }

  reset(): void {
    this.#stream?.drop();
    this.#stream = undefined;
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  close(): void {
    this.reset();
  }

  onOutput(bytes: Uint8Array): void {
    this.#sink.onOutput(bytes);
  }

  onConsumed(): void {
    this.#sink.onDone();
  }

  onFailed(error: Error): void {
    this.close();
    this.#sink.onDone(error);
  }

  #create(inputLength: number) {
    const { windowBits, level, memoryLevel } = this.#settings;
    return createDeflateRaw({
      // zlib has no raw window of 8 bits; with 9 it looks back at most 512 - 262 = 250 bytes.
      windowBits: Math.max(windowBits, 9),
      level,
      memLevel: memoryLevel,
      flush: constants.Z_SYNC_FLUSH,
      chunkSize: inputLength < SMALL_CHUNK ? SMALL_CHUNK : LARGE_CHUNK,
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
class Inflater implements Codec, ZlibListener {
  readonly #windowBits: number;
  readonly #sink: CodecSink;
  readonly #window: OutputWindow;
  #stream: ZlibStream | undefined;
  #input: Uint8Array = EMPTY;
  #endingLength = -1;
  #paused = false;

  constructor(windowBits: number, sink: CodecSink) {
    this.#windowBits = windowBits;
    this.#sink = sink;
    this.#window = new OutputWindow(1 << windowBits);
  }

  run(input: Uint8Array, ending?: Uint8Array): void {
    this.#endingLength = ending === undefined ? -1 : ending.length;
    this.#feed(ending === undefined ? input : Buffer.concat([input, ending, END]));
  }

  reset(): void {
    this.#dropStream();
    this.#window.clear();
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream?.resume();
  }

  close(): void {
    this.reset();
  }

  onOutput(bytes: Uint8Array): void {
    this.#window.append(bytes);
    this.#sink.onOutput(bytes);
  }

  onConsumed(left: number): void {
    if (this.#endingLength >= 0) {
      this.#onEndConsumed(left);
    } else if (left > 0) {
      this.#startAfresh(left);
    } else {
      this.#input = EMPTY;
      this.#sink.onDone();
    }
  }

  onFailed(error: Error): void {
    this.close();
    this.#sink.onDone(error);
  }

  // All of the ending is left over where a final block was the message's last: it ended the message.
  #onEndConsumed(left: number): void {
    if (left === GUARD || left === this.#endingLength + END.length) {
      this.#dropStream();
      this.#sink.onDone();
    } else if (left === 0) {
      this.onFailed(new Error('the compressed data end inside a block'));
    } else {
      this.#startAfresh(left);
    }
  }

  #startAfresh(left: number): void {
    const rest = this.#input.subarray(this.#input.length - left);
    this.#dropStream();
    this.#feed(rest);
  }

  #feed(input: Uint8Array): void {
    this.#input = input;
    this.#stream ??= new ZlibStream(this.#create(input.length), this, this.#paused);
    this.#stream.write(input);
  }

  #dropStream(): void {
    this.#stream?.drop();
    this.#stream = undefined;
    this.#input = EMPTY;
  }

  #create(inputLength: number) {
    const dictionary = this.#window.bytes;
    return createInflateRaw({
      windowBits: this.#windowBits,
      flush: constants.Z_SYNC_FLUSH,
      chunkSize: 4 * inputLength < SMALL_CHUNK ? SMALL_CHUNK : LARGE_CHUNK,
      ...(dictionary.length > 0 && { dictionary }),
    });
  }
}
