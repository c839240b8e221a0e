import type { Transform } from 'node:stream';
import type { Zlib } from 'node:zlib';

import type { Turns } from './turns.ts';
import { type ZlibListener, ZlibStream } from './zlib-stream.ts';

const EMPTY = new Uint8Array(0);

/** What a worker asks of the codec it works for. */
export interface ZlibOwner extends ZlibListener {
  /** Makes the stream for a job of this length in bytes. */
  create(inputLength: number): Transform & Zlib;
}

/**
 * Works off one job at a time in slices, each in a turn of the process, so that a long job delays
 * nobody else's. Makes its zlib stream in the first turn: who waits holds no memory.
 */
export class ZlibWorker {
  readonly #owner: ZlibOwner;
  readonly #turns: Turns;
  readonly #sliceLength: number;
  #stream: ZlibStream | undefined;
  #input: Uint8Array = EMPTY;
  /** Where the next slice begins. */
  #position = 0;
  #slicing = false;
  #turn: 'none' | 'asked' | 'taken' = 'none';
  #busy = false;
  #paused = false;

  constructor(owner: ZlibOwner, turns: Turns, sliceLength: number) {
    this.#owner = owner;
    this.#turns = turns;
    this.#sliceLength = sliceLength;
  }

  /** Bytes of the job's input that were read. */
  get consumed(): number {
    return this.#position - (this.#stream?.left ?? 0);
  }

  /** Whether everything is held back. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Starts a job; the input must not change until `onConsumed`, which says what is left of it. */
  run(input: Uint8Array): void {
    this.#input = input;
    this.#position = 0;
    this.#busy = true;
    this.#ask();
  }

  /** Goes on behind a final block with another stream; allowed in `onConsumed` alone. */
  continueAfresh(): void {
    this.#position = this.consumed;
    this.#stream?.drop();
    this.#stream = undefined;
    this.#busy = true;
    this.#ask();
  }

  /** Holds everything back; the turn goes to others meanwhile. */
  pause(): void {
    this.#paused = true;
    if (this.#slicing) this.#stream?.pause();
    this.#leave();
  }

  resume(): void {
    this.#paused = false;
    if (this.#busy) this.#ask();
  }

  /** Drops the stream and a running job, of which nothing more is reported. */
  drop(): void {
    this.#stream?.drop();
    this.#stream = undefined;
    this.#end();
  }

  #end(): void {
    this.#busy = false;
    this.#slicing = false;
    this.#input = EMPTY;
    this.#leave();
  }

  #ask(): void {
    if (this.#paused || this.#turn !== 'none') return;
    this.#turn = 'asked';
    this.#turns.enter(this.#onTurn);
  }

  #leave(): void {
    if (this.#turn === 'asked') this.#turns.cancel(this.#onTurn);
    else if (this.#turn === 'taken') this.#turns.leave();
    this.#turn = 'none';
  }

  readonly #onTurn = (): void => {
    this.#turn = 'taken';
    if (this.#slicing) this.#stream?.resume();
    else this.#slice();
  };

  #slice(): void {
    const rest = this.#input.length - this.#position;
    const end = this.#position + Math.min(rest, this.#sliceLength);
    this.#slicing = true;
    this.#stream ??= this.#create();
    this.#stream?.write(this.#input.subarray(this.#position, end));
    this.#position = end;
  }

  /** Where there is no memory for a stream, the job fails; not during `run`. */
  #create(): ZlibStream | undefined {
    try {
      return new ZlibStream(this.#owner.create(this.#input.length), this.#listener);
    } catch (error) {
      process.nextTick(() => this.#busy && this.#listener.onFailed(error as Error));
      return undefined;
    }
  }

  #onConsumed(left: number): void {
    this.#slicing = false;
    this.#leave();
    if (left === 0 && this.#position < this.#input.length) return this.#ask();
    const leftOfAll = this.#input.length - this.#position + left;
    this.#busy = false;
    this.#owner.onConsumed(leftOfAll);
    if (!this.#busy) this.#input = EMPTY;
  }

  readonly #listener: ZlibListener = {
    onOutput: (bytes) => this.#owner.onOutput(bytes),
    onConsumed: (left) => this.#onConsumed(left),
    onFailed: (error) => {
      this.drop();
      this.#owner.onFailed(error);
    },
  };
}
