/** How fast one visitor may go: a burst at once, then so many per second. */
export class Pace {
  readonly #interval: number;
  readonly #tolerance: number;
  #due = 0;

  constructor(burst: number, perSecond: number) {
    this.#interval = 1_000 / perSecond;
    this.#tolerance = this.#interval * (burst - 1);
  }

  /** Counts one step at the time `now` and gives how long to wait before taking it, both in ms. */
  step(now: number): number {
    const due = Math.max(this.#due, now);
    this.#due = due + this.#interval;
    return Math.max(0, due - now - this.#tolerance);
  }
}
