import { type Codec, createDeflater, createInflater } from '#platform';

import { ProtocolError } from '../errors.ts';
import type { Codecs } from './codecs.ts';
import { FREE_OUTPUT, InflationRatio } from './inflation-ratio.ts';
import { PayloadEnd, payloadOf } from './payload.ts';
import { storeBlocks } from './stored-block.ts';

/** What permessage-deflate was negotiated to (RFC 7692 §7.1), seen from this side. */
export interface DeflateParameters {
  /** The window of this side's deflater, 8–15 bits. */
  readonly windowBits: number;
  /** The window of the peer's deflater, 8–15 bits. */
  readonly peerWindowBits: number;
  /** Whether this side's deflater keeps its window between messages. */
  readonly contextTakeover: boolean;
  /** Whether the peer's deflater may keep its window between messages. */
  readonly peerContextTakeover: boolean;
}

/** What this side decides alone: from which size in bytes on to compress, and zlib's two levels. */
export interface DeflateSettings {
  readonly threshold: number;
  readonly level: number;
  readonly memoryLevel: number;
  /** The most bytes to inflate for each byte of a message, beyond its first 64 KiB. Default: 100. */
  readonly maxRatio?: number;
}

/** Takes what jobs made that take time; nothing is called during `deflate` or `inflate`. */
export interface DeflateSink {
  /** The bytes given to `deflate` as a frame's payload, which the receiver may change in place. */
  onDeflated(payload: Uint8Array): void;
  /** A piece of the current message. */
  onInflated(bytes: Uint8Array): void;
  /** The bytes given to `inflate` are consumed; after the last ones the message is complete. */
  onInflateDone(error?: ProtocolError): void;
}

const MAX_RATIO = 100;
const nothing = new Uint8Array(0);

/** Messages of a chunk that are decompressed at once: echoed at once, they take about 1 ms. */
const MAX_IN_A_ROW = 64;

/**
 * Compresses and decompresses the messages of one connection (RFC 7692 §7.2), one job at a time in
 * each direction. Codecs are made when first used. Without context takeover they are closed after
 * every message, so that an idle connection has none: with Node's zlib a new deflater costs 14 µs a
 * message and a kept one 107 KiB a connection.
 */
export class PermessageDeflate {
  readonly #parameters: DeflateParameters;
  readonly #settings: DeflateSettings;
  readonly #sink: DeflateSink;
  readonly #codecs: Codecs;

  #deflater: Codec | undefined;
  #deflating = false;
  #deflatingLast = false;
  #source: Uint8Array = nothing;
  #pieces: Uint8Array[] = [];

  #inflater: Codec | undefined;
  #inflating = false;
  /** Whether the last bytes given to `inflate`, if any, were the end of their message. */
  #inflatingLast = true;
  /** Messages decompressed at once since there was a reason to count afresh. */
  #inflatedNow = 0;
  #inflatingLength = 0;
  readonly #ratio: InflationRatio;
  #inflationPaused = false;
  readonly #payloadEnd = new PayloadEnd();

  constructor(
    parameters: DeflateParameters,
    settings: DeflateSettings,
    sink: DeflateSink,
    codecs: Codecs = { createDeflater, createInflater },
  ) {
    this.#parameters = parameters;
    this.#settings = settings;
    this.#sink = sink;
    this.#codecs = codecs;
    this.#ratio = new InflationRatio(settings.maxRatio ?? MAX_RATIO);
  }

  /** Whether bytes given to `deflate` are being worked on. */
  get deflating(): boolean {
    return this.#deflating;
  }

  /** Whether bytes given to `inflate` are being worked on. */
  get inflating(): boolean {
    return this.#inflating;
  }

  /** Whether a message of this length in bytes is worth compressing (RFC 7692 §6). */
  wants(byteLength: number): boolean {
    return byteLength >= this.#settings.threshold;
  }

  /**
   * Compresses a message or a fragment of one at once, if it is small: gives a frame's payload, which
   * the receiver may change in place. Undefined: nothing happened, and `deflate` must do it.
   */
  deflateNow(bytes: Uint8Array, last: boolean): Uint8Array | undefined {
    this.#deflater ??= this.#createDeflater();
    const forgets = last && !this.#parameters.contextTakeover;
    const output = this.#deflater.runNow?.(bytes, nothing, Infinity, forgets);
    if (output === undefined) return undefined;
    if (forgets) this.#dropDeflater();
    return payloadOf([output], last);
  }

  /**
   * Decompresses a message at once, if it is small, whole in this range, and inflates to at most
   * `maxLength` bytes. Undefined: nothing happened, and `inflate` must do it. This is so with every
   * 65th message of a chunk, so that others have their turn meanwhile.
   */
  inflateNow(
    bytes: Uint8Array,
    start: number,
    end: number,
    maxLength: number,
  ): Uint8Array | undefined {
    if (!this.#inflatingLast || this.#inflationPaused) return undefined;
    if (this.#inflatedNow === MAX_IN_A_ROW) return undefined;
    this.#inflater ??= this.#createInflater();
    const ending = this.#payloadEnd.endingOf(bytes, start, end);
    // Up to there any ratio passes.
    const limit = Math.min(maxLength, FREE_OUTPUT);
    const forgets = !this.#parameters.peerContextTakeover;
    const output = this.#inflater.runNow?.(bytes.subarray(start, end), ending, limit, forgets);
    if (output === undefined) return undefined;
    this.#inflatedNow++;
    if (forgets) this.#dropInflater();
    return output;
  }

  /** Bytes come off the network: of their messages so many may be decompressed at once again. */
  startChunk(): void {
    this.#inflatedNow = 0;
  }

  /** Compresses a message or a fragment of one; the bytes must not change until `onDeflated`. */
  deflate(bytes: Uint8Array, last: boolean): void {
    this.#deflating = true;
    this.#deflatingLast = last;
    this.#source = bytes;
    this.#deflater ??= this.#createDeflater();
    this.#deflater.run(bytes);
  }

  /** Decompresses a piece of a message; the range must not change until `onInflateDone`. */
  inflate(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    this.#inflating = true;
    this.#inflatingLast = last;
    this.#inflatedNow = 0;
    this.#inflatingLength = end - start;
    this.#payloadEnd.take(bytes, start, end);
    this.#inflater ??= this.#createInflater();
    this.#inflater.run(bytes.subarray(start, end), last ? this.#payloadEnd.ending : undefined);
  }

  /** Holds pieces of the current message back; of its output little is kept. */
  pauseInflation(): void {
    this.#inflationPaused = true;
    this.#inflater?.pause();
  }

  resumeInflation(): void {
    this.#inflationPaused = false;
    this.#inflater?.resume();
  }

  /** Ends decompression for good; of a running job nothing more is heard. */
  dropInflation(): void {
    this.#dropInflater();
    this.#inflating = false;
  }

  /** Drops running jobs, of which nothing more is heard, and frees the windows. */
  close(): void {
    this.dropInflation();
    this.#dropDeflater();
    this.#deflating = false;
    this.#source = nothing;
    this.#pieces = [];
  }

  #createDeflater(): Codec {
    const { level, memoryLevel } = this.#settings;
    const settings = { windowBits: this.#parameters.windowBits, level, memoryLevel };
    return this.#codecs.createDeflater(settings, {
      onOutput: (bytes) => this.#pieces.push(bytes),
      onDone: (error) => this.#onDeflateDone(error),
    });
  }

  #createInflater(): Codec {
    const inflater = this.#codecs.createInflater(this.#parameters.peerWindowBits, {
      onOutput: (bytes, consumed) => this.#onInflated(bytes, consumed),
      onDone: (error) => this.#onInflateDone(error),
    });
    if (this.#inflationPaused) inflater.pause();
    return inflater;
  }

  #dropDeflater(): void {
    this.#deflater?.close();
    this.#deflater = undefined;
  }

  #dropInflater(): void {
    this.#inflater?.close();
    this.#inflater = undefined;
  }

  #onDeflateDone(error: Error | undefined): void {
    const last = this.#deflatingLast;
    const payload = error ? storeBlocks(this.#source, last) : payloadOf(this.#pieces, last);
    this.#deflating = false;
    this.#source = nothing;
    this.#pieces = [];
    // A broken deflater is replaced; stored blocks need no window, so the peer does not notice.
    if (error) this.#deflater = undefined;
    else if (last && !this.#parameters.contextTakeover) this.#dropDeflater();
    this.#sink.onDeflated(payload);
  }

  #onInflated(bytes: Uint8Array, consumed: number): void {
    if (!this.#ratio.exceeded(bytes.length, consumed)) return this.#sink.onInflated(bytes);
    this.dropInflation();
    this.#sink.onInflateDone(new ProtocolError('RATIO_TOO_HIGH'));
  }

  #onInflateDone(cause: Error | undefined): void {
    this.#inflating = false;
    this.#ratio.jobEnded(this.#inflatingLength);
    if (this.#inflatingLast) {
      this.#payloadEnd.reset();
      this.#ratio.reset();
      if (!this.#parameters.peerContextTakeover) this.#dropInflater();
    }
    if (cause === undefined) return this.#sink.onInflateDone();
    const violation = cause instanceof RangeError ? 'TOO_MANY_BLOCKS' : 'INVALID_DEFLATE';
    this.#sink.onInflateDone(new ProtocolError(violation, { cause }));
  }
}
