import { Worker } from 'node:worker_threads';

/** The most bytes of an input that are kept for the watchdog. */
const ROOM = 65_536;
/** Bytes before the input: a counter of inputs and the input's length, 32 bits each. */
const HEAD = 8;

/** What the watchdog's thread is told when it starts. */
export interface WatchdogSettings {
  readonly memory: SharedArrayBuffer;
  readonly folder: string;
  readonly seed: number;
  /** CPU time of the process, in milliseconds, after which an input is taken to never end. */
  readonly limit: number;
}

/** The input that is being run and how many there were, as both threads see them. */
export class Progress {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory = new SharedArrayBuffer(HEAD + ROOM)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory, 0, 2);
    this.#bytes = new Uint8Array(memory, HEAD);
  }

  get count(): number {
    return Atomics.load(this.#numbers, 0);
  }

  get input(): Uint8Array {
    return this.#bytes.slice(0, Atomics.load(this.#numbers, 1));
  }

  /** The next input is run. */
  next(input: Uint8Array): void {
    const kept = input.subarray(0, ROOM);
    this.#bytes.set(kept);
    Atomics.store(this.#numbers, 1, kept.length);
    Atomics.add(this.#numbers, 0, 1);
  }
}

/**
 * A thread that sees when an input never ends, which the fuzzed thread cannot. It writes the finding
 * and ends the process, because nothing else would.
 */
export class Watchdog {
  readonly progress = new Progress();
  readonly #worker: Worker;

  constructor(settings: Omit<WatchdogSettings, 'memory'>) {
    const workerData: WatchdogSettings = { ...settings, memory: this.progress.memory };
    this.#worker = new Worker(new URL('watchdog-thread.js', import.meta.url), { workerData });
    this.#worker.unref();
  }

  /** Tells which target is fuzzed from now on. */
  watch(target: string): void {
    this.#worker.postMessage(target, []);
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
