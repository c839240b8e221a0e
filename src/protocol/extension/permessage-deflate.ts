import {
  allocate,
  type Codec,
  type CodecSink,
  createDeflater,
  createInflater,
  type DeflaterSettings,
} from '#platform';

import { ProtocolError } from '../errors.ts';
import { InflationRatio } from './inflation-ratio.ts';
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

/** Takes what the extension made; nothing is called during `deflate` or `inflate`. */
export interface DeflateSink {
  /** The bytes given to `deflate` as a frame's payload, which the receiver may change in place. */
  onDeflated(payload: Uint8Array): void;
  /** A piece of the current message. */
  onInflated(bytes: Uint8Array): void;
  /** The bytes given to `inflate` are consumed; after the last ones the message is complete. */
  onInflateDone(error?: ProtocolError): void;
}

/** Makes the codecs of one connection. */
export interface Codecs {
  createDeflater(settings: DeflaterSettings, sink: CodecSink): Codec;
  createInflater(windowBits: number, sink: CodecSink): Codec;
}

const MAX_RATIO = 100;

// What a flush ends in, and what is left out of the message's last payload (RFC 7692 §7.2.1).
const FLUSH = 0x0000_ffff;
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
const NO_TAIL = new Uint8Array(0);

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
  #source: Uint8Array = NO_TAIL;
  #pieces: Uint8Array[] = [];

  #inflater: Codec | undefined;
  #inflating = false;
  #inflatingLast = false;
  #inflatingLength = 0;
  readonly #ratio: InflationRatio;
  #inflationPaused = false;
  #lastFour = FLUSH;

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
    this.#inflatingLength = end - start;
    this.#remember(bytes, start, end);
    this.#inflater ??= this.#createInflater();
    this.#inflater.run(bytes.subarray(start, end), last ? this.#ending() : undefined);
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
    this.#source = NO_TAIL;
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
    const payload = error ? storeBlocks(this.#source, last) : this.#takePayload(last);
    this.#deflating = false;
    this.#source = NO_TAIL;
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
      this.#lastFour = FLUSH;
      this.#ratio.reset();
      if (!this.#parameters.peerContextTakeover) this.#dropInflater();
    }
    if (cause === undefined) return this.#sink.onInflateDone();
    const violation = cause instanceof RangeError ? 'TOO_MANY_BLOCKS' : 'INVALID_DEFLATE';
    this.#sink.onInflateDone(new ProtocolError(violation, { cause }));
  }

  #takePayload(last: boolean): Uint8Array {
    const payload = joined(this.#pieces);
    if (!last) return payload;
    // RFC 7692 §7.2.3.6: nothing was left to flush, and the header of an empty block stands for it.
    if (payload.length === 0) return new Uint8Array(1);
    return payload.subarray(0, payload.length - TAIL.length);
  }

  #remember(bytes: Uint8Array, start: number, end: number): void {
    for (const byte of bytes.subarray(Math.max(start, end - TAIL.length), end)) {
      this.#lastFour = ((this.#lastFour << 8) | byte) >>> 0;
    }
  }

  // RFC 7692 §7.2.2. A payload never ends in ff where the tail is needed: the last bits there are
  // the zeros of a block's header. So a peer that ends a message with an empty frame after a flush,
  // as zlib makes it when nothing is left to flush, is understood as well.
  #ending(): Uint8Array {
    return this.#lastFour === FLUSH ? NO_TAIL : TAIL;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first, second] = pieces;
  if (first !== undefined && second === undefined) return first;
  const whole = allocate(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
