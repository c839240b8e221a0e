/**
 * Lets at most a few tasks run at once; the others wait in the order in which they asked. A task
 * that has more to do asks again, behind those that wait, so each gets as many turns as the next.
 */
export class Turns {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts a task, now or when its turn comes; each that was started must be ended by `leave`. */
  enter(task: () => void): void {
    if (this.#running >= this.#limit) {
      this.#waiting.add(task);
      return;
    }
    this.#running++;
    task();
  }

  /** Takes back a task that waits; false when it was started. */
  cancel(task: () => void): boolean {
    return this.#waiting.delete(task);
  }

  /** A task that was started is over. */
  leave(): void {
    this.#running--;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      return this.enter(next);
    }
  }
}
