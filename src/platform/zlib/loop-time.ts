/** Has work for which there was no time. */
export interface TimeWaiter {
  onTime(): void;
}

/** So many may wait: with zlib's small jobs, about two turns of the event loop. */
const MAX_WAITING = 1024;

/**
 * The time that work may hold the event loop in one turn of it, for the whole process. It judges the
 * work before, not the work to come, so a turn may take one piece of work more.
 */
export class LoopTime {
  readonly #limitMs: number;
  readonly #now: () => number;
  readonly #waiting = new Set<TimeWaiter>();
  #spentMs = 0;
  #counting = false;

  /** `now` gives a time in milliseconds that never goes back. */
  constructor(limitMs: number, now: () => number = () => performance.now()) {
    this.#limitMs = limitMs;
    this.#now = now;
  }

  /** Whether some time is left in this turn. */
  get left(): boolean {
    return this.#spentMs < this.#limitMs;
  }

  /** Work begins; gives what `end` needs. */
  begin(): number {
    this.#count();
    return this.#now();
  }

  /** Work that began then is over. */
  end(begun: number): void {
    this.#spentMs += this.#now() - begun;
  }

  /** Whether so many wait that others had better do their work elsewhere. */
  get crowded(): boolean {
    return this.#waiting.size >= MAX_WAITING;
  }

  /** Tells it in a later turn that there is time, one after the other as they came. */
  wait(waiter: TimeWaiter): void {
    this.#waiting.add(waiter);
    this.#count();
  }

  /** It waits no longer. */
  cancel(waiter: TimeWaiter): void {
    this.#waiting.delete(waiter);
  }

  #count(): void {
    if (this.#counting) return;
    this.#counting = true;
    setImmediate(this.#onTurnOver);
  }

  readonly #onTurnOver = (): void => {
    this.#counting = false;
    this.#spentMs = 0;
    try {
      this.#tellWaiting();
    } finally {
      if (this.#waiting.size > 0) this.#count();
    }
  };

  #tellWaiting(): void {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter);
      waiter.onTime();
      if (!this.left) return;
    }
  }
}
