import type { Codec, CodecSink } from '../platform.ts';
import type { LoopTime, TimeWaiter } from './loop-time.ts';

/** A codec that can do a job on the thread, and in the thread pool. */
export interface PostponingCodec extends Required<Pick<Codec, 'runNow'>> {
  runInPool(input: Uint8Array, ending: Uint8Array | undefined): void;
}

const nothing = new Uint8Array(0);

/**
 * A small job that waits for a later turn of the event loop, where it is done on the thread, and
 * goes to the thread pool only if it cannot be done so.
 */
export class PostponedJob implements TimeWaiter {
  readonly #codec: PostponingCodec;
  readonly #sink: CodecSink;
  readonly #loopTime: LoopTime;
  /** Kept no longer than needed: codecs keep their last job, and input may lie in a read buffer. */
  #input: Uint8Array;
  readonly #ending: Uint8Array | undefined;
  #state: 'waiting' | 'made' | 'over' = 'waiting';
  #paused = false;

  private constructor(
    codec: PostponingCodec,
    sink: CodecSink,
    loopTime: LoopTime,
    input: Uint8Array,
    ending: Uint8Array | undefined,
  ) {
    this.#codec = codec;
    this.#sink = sink;
    this.#loopTime = loopTime;
    this.#input = input;
    this.#ending = ending;
  }

  /** Postpones a job; undefined when there is time now, or too many wait already. */
  static start(
    codec: PostponingCodec,
    sink: CodecSink,
    loopTime: LoopTime,
    input: Uint8Array,
    ending?: Uint8Array,
  ): PostponedJob | undefined {
    if (loopTime.left || loopTime.crowded) return undefined;
    const job = new PostponedJob(codec, sink, loopTime, input, ending);
    loopTime.wait(job);
    return job;
  }

  /** Holds everything back. */
  pause(): void {
    this.#paused = true;
    this.#loopTime.cancel(this);
  }

  resume(): void {
    if (!this.#paused || this.#state === 'over') return;
    this.#paused = false;
    this.#loopTime.wait(this);
  }

  /** Nothing more is done or reported. */
  drop(): void {
    this.#state = 'over';
    this.#input = nothing;
    this.#loopTime.cancel(this);
  }

  onTime(): void {
    if (this.#state === 'waiting') this.#make();
    if (this.#state !== 'made' || this.#paused) return;
    this.#state = 'over';
    this.#sink.onDone();
  }

  #make(): void {
    const input = this.#input;
    this.#input = nothing;
    const output = this.#codec.runNow(input, this.#ending ?? nothing, Infinity, false);
    if (output === undefined) {
      this.#state = 'over';
      return this.#codec.runInPool(input, this.#ending);
    }
    this.#state = 'made';
    if (output.length > 0) this.#sink.onOutput(output, input.length);
  }
}
