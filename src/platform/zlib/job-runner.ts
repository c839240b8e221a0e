import type { CodecSink } from '../platform.ts';
import type { LoopTime } from './loop-time.ts';
import { PostponedJob, type PostponingCodec } from './postponed-job.ts';
import type { Turns } from './turns.ts';
import { type ZlibOwner, ZlibWorker } from './zlib-worker.ts';

/**
 * The input of one turn in the thread pool: deflated in about 0.5 ms, inflated in about 2 ms at the
 * ratio that is allowed by default.
 */
const TURN = 16 * 1024;

/** The jobs of one codec that are not done at once: in a later turn on the thread, or in its pool. */
export class JobRunner {
  readonly #codec: PostponingCodec & ZlibOwner;
  readonly #sink: CodecSink;
  readonly #turns: Turns;
  readonly #loopTime: LoopTime;
  /** Made when first needed: whose jobs are all small needs none. */
  #worker: ZlibWorker | undefined;
  #postponed: PostponedJob | undefined;

  constructor(
    codec: PostponingCodec & ZlibOwner,
    sink: CodecSink,
    turns: Turns,
    loopTime: LoopTime,
  ) {
    this.#codec = codec;
    this.#sink = sink;
    this.#turns = turns;
    this.#loopTime = loopTime;
  }

  /** Postpones a small job for which there is no time; all others are for the codec's pool. */
  run(input: Uint8Array, ending: Uint8Array | undefined, small: boolean): void {
    this.#postponed = small ? this.#postpone(input, ending) : undefined;
    if (this.#postponed === undefined) this.#codec.runInPool(input, ending);
  }

  /** Starts a job in the pool; the input must not change until it is consumed. */
  runInPool(input: Uint8Array): void {
    this.#work().run(input);
  }

  /** Goes on behind a final block with another stream; allowed in `onConsumed` alone. */
  continueAfresh(): void {
    this.#work().continueAfresh();
  }

  /** Bytes of the input that the pool has read. */
  get consumed(): number {
    return this.#work().consumed;
  }

  /** Holds everything back, also a job that starts later. */
  pause(): void {
    this.#work().pause();
    this.#postponed?.pause();
  }

  resume(): void {
    this.#postponed?.resume();
    this.#worker?.resume();
  }

  /** Drops the zlib stream and a job in the pool, of which nothing more is reported. */
  dropStream(): void {
    this.#worker?.drop();
  }

  /** Drops whatever runs or waits, of which nothing more is reported. */
  drop(): void {
    this.#postponed?.drop();
    this.#worker?.drop();
  }

  #postpone(input: Uint8Array, ending: Uint8Array | undefined): PostponedJob | undefined {
    if (this.#worker?.paused) return undefined;
    return PostponedJob.start(this.#codec, this.#sink, this.#loopTime, input, ending);
  }

  #work(): ZlibWorker {
    return (this.#worker ??= new ZlibWorker(this.#codec, this.#turns, TURN));
  }
}
