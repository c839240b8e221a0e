import type { Clock, Deadline } from '../connection/timing/clock.ts';

interface Entry extends Deadline {
  readonly due: number;
  readonly task: () => void;
}

/**
 * A clock that moves only when told to, for tests of timeouts without waiting.
 *
 * @example
 * const clock = new VirtualClock();
 * clock.after(1_000, () => console.log('due'));
 * clock.advance(1_000); // prints "due"
 */
export class VirtualClock implements Clock {
  #now = 0;
  #entries: Entry[] = [];

  now(): number {
    return this.#now;
  }

  /** How many tasks are still to come. */
  get pending(): number {
    return this.#entries.length;
  }

  after(delay: number, task: () => void): Deadline {
    const entry: Entry = {
      // Whole milliseconds: a sum of fractions may come out below what was asked for.
      due: Math.ceil(this.#now + Math.max(0, delay)),
      task,
      cancel: () => this.#remove(entry),
    };
    if (delay !== Infinity) this.#entries.push(entry);
    return entry;
  }

  /**
   * Lets so many milliseconds pass at once and runs what is due, in order of time; what tasks plan
   * meanwhile is included.
   */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    while (this.#runNext(end));
    this.#now = end;
  }

  /** Like `advance`, but whatever a task sets in motion comes to rest before time goes on. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#runNext(end));
    this.#now = end;
  }

  /** Runs the earliest task due until then, at its time; false when there is none. */
  #runNext(end: number): boolean {
    const next = this.#next(end);
    if (next === undefined) return false;
    this.#remove(next);
    this.#now = next.due;
    next.task();
    return true;
  }

  /** The earliest entry due until then; of several the one planned first. */
  #next(end: number): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.due <= end && (first === undefined || entry.due < first.due)) first = entry;
    }
    return first;
  }

  #remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}
