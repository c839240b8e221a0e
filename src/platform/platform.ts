/**
 * The few things the pure core needs from its host. Types only: `#platform` resolves to the
 * implementation, and the compiler checks each implementation against this file.
 */

/** Allocates bytes whose content is undefined; small ones may share a pool, so never for the user. */
export declare function allocate(size: number): Uint8Array;

/** Allocates bytes whose content is undefined and whose backing store is theirs alone. */
export declare function allocateOwn(size: number): Uint8Array;

/** Frees the backing store of bytes that nobody needs any more, at once where the host can. */
export declare function release(bytes: Uint8Array): void;

/** Called when long messages come: what they leave behind should serve the next ones. */
export declare function keepFreedMemory(): void;

/** Whether a range is valid UTF-8 (RFC 3629). */
export declare function isUtf8(bytes: Uint8Array, start: number, end: number): boolean;

/** Decodes a UTF-8 range, or returns undefined when it is not valid UTF-8 (RFC 6455 §8.1). */
export declare function decodeUtf8(
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined;

/** Decodes a UTF-8 range; what is not valid becomes U+FFFD. */
export declare function decodeUtf8Loosely(bytes: Uint8Array, start: number, end: number): string;

/** The length in bytes of a text as UTF-8; a lone surrogate counts as U+FFFD. */
export declare function utf8Length(text: string): number;

/** Writes a text as UTF-8 at an offset; the caller has made room for `utf8Length(text)` bytes. */
export declare function writeUtf8(text: string, target: Uint8Array, offset: number): void;

/** One character for each byte of a range. */
export declare function decodeLatin1(bytes: Uint8Array, start: number, end: number): string;

/** The characters of a text as one byte each; the text has none above U+00FF. */
export declare function encodeLatin1(text: string): Uint8Array;

/** XORs a range with a key, read big-endian, whose first byte is the one for `start`. */
export type Mask = (bytes: Uint8Array, start: number, end: number, key: number) => void;

/** A view of bytes for whole words anywhere in them, if it pays for so many bytes. */
export declare function wordsOf(bytes: Uint8Array, length: number): DataView | undefined;

/** As `Mask`, for long ranges, by the host's vectors; where it has none, `otherwise` does it. */
export declare function maskLong(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
  otherwise: Mask,
): void;

/** Draws an unpredictable 32-bit masking key from a pool of strong random bytes (RFC 6455 §5.3). */
export declare function randomMaskingKey(): number;

/** Strong random bytes as base64: the nonce of an opening handshake (RFC 6455 §4.1). */
export declare function randomBase64(byteLength: number): string;

/** The SHA-1 of an ASCII text as base64 (RFC 6455 §4.2.2). */
export declare function sha1Base64(text: string): string;

/** The most the heap of this process may grow to, in bytes. */
export declare function heapLimit(): number;

/** Receives what a job started by `run` gives. Never called during the call that started the job. */
export interface CodecSink {
  /**
   * A piece of output, valid for good, and how many bytes of the job's input were read so far. Where
   * others share its memory, as in Node's pool, it is shorter than half of that: to be copied. What
   * fills its memory is the receiver's, which may free it.
   */
  onOutput(bytes: Uint8Array, consumed: number): void;
  /**
   * The job is done and the next one may start; with an error the codec is of no further use. A
   * `RangeError` refuses data that are valid but cost more than their length is worth.
   */
  onDone(error?: Error): void;
}

/**
 * A raw DEFLATE compressor or decompressor (RFC 1951), one job at a time: small ones on the thread,
 * if the host can do that, others off it. Long jobs take turns with those of all other codecs of the
 * process; small ones hold the thread for a few milliseconds in one turn of the event loop at most,
 * and then wait for the next one.
 */
export interface Codec {
  /**
   * Starts a job. The input must not change until `onDone`. A deflater flushes to a byte boundary:
   * its output ends in 00 00 ff ff, or is empty when there was nothing to flush. An inflater consumes
   * the input wholly; `ending`, given with the last input of a message and perhaps empty, is read
   * after it, and the job fails unless a block ends there.
   */
  run(input: Uint8Array, ending?: Uint8Array): void;
  /**
   * Does a job whole on the thread and gives all its output, which is valid for good. For an inflater
   * it is a whole message, and output is no longer than `maxLength`. Undefined: nothing happened, and
   * `run` must do it. So it is with a job that is large, fails, or gives too much, and with any for
   * which there is no time. Allowed only while nothing runs or is paused. A codec that `forgets` what
   * it did now is closed next.
   */
  runNow?(
    input: Uint8Array,
    ending: Uint8Array,
    maxLength: number,
    forgets: boolean,
  ): Uint8Array | undefined;
  /** Holds output and `onDone` back while the receiver cannot take more; memory stays bounded. */
  pause(): void;
  resume(): void;
  /** Frees everything; a running job is dropped and reports nothing more. */
  close(): void;
}

/** How a deflater works: window 8–15 bits, level 0–9, memory level 1–9 (zlib's meanings). */
export interface DeflaterSettings {
  readonly windowBits: number;
  readonly level: number;
  readonly memoryLevel: number;
}

/** Makes a compressor. A window of 8 bits never yields a distance over 256 (RFC 7692 §7.1.2). */
export declare function createDeflater(settings: DeflaterSettings, sink: CodecSink): Codec;

/** Makes a decompressor with a window of 8–15 bits; blocks with BFINAL end nothing (RFC 7692 §7.2.3.4). */
export declare function createInflater(windowBits: number, sink: CodecSink): Codec;
