import type { Transform } from 'node:stream';
import type { Zlib } from 'node:zlib';

/** Takes what a zlib stream gives; no call comes during `write` or `resume`. */
export interface ZlibListener {
  onOutput(bytes: Uint8Array): void;
  /** The input was read and all output handed on; `left` bytes of it stand behind a final block. */
  onConsumed(left: number): void;
  onFailed(error: Error): void;
}

/** How such a stream is made beside what zlib is told: newer versions of Node hold four times as much. */
export const streamOptions = { readableHighWaterMark: 16_384 };

/** A stream of node:zlib as a worker for one job at a time, which can be dropped at any moment. */
export class ZlibStream {
  readonly #stream: Transform & Zlib;
  #listener: ZlibListener | undefined;
  #given = 0;
  #consumed = false;

  constructor(stream: Transform & Zlib, listener: ZlibListener) {
    this.#stream = stream;
    this.#listener = listener;
    stream.on('data', (bytes: Buffer) => {
      this.#listener?.onOutput(bytes);
      this.#settle();
    });
    // Stays after `drop`: an error without a listener would end the process.
    stream.on('error', (error) => this.#listener?.onFailed(error));
  }

  /** Bytes given that were not read yet. */
  get left(): number {
    return this.#given - this.#stream.bytesWritten;
  }

  /** Starts a job; the input must not change until `onConsumed`. */
  write(input: Uint8Array): void {
    this.#given += input.length;
    this.#stream.write(input, this.#onConsumed);
  }

  /** Holds everything back but errors; at most two chunks of output wait. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
    // For a job whose output was all handed on before the pause.
    process.nextTick(() => this.#settle());
  }

  /** Frees the memory as soon as the running step ends; nothing is reported any more. */
  drop(): void {
    this.#listener = undefined;
    this.#stream.destroy();
  }

  readonly #onConsumed = (): void => {
    this.#consumed = true;
    this.#settle();
  };

  #settle(): void {
    const stream = this.#stream;
    if (!this.#consumed || stream.readableLength > 0 || stream.isPaused()) return;
    this.#consumed = false;
    this.#listener?.onConsumed(this.left);
  }
}
