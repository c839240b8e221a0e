/**
 * The time that work may hold the event loop in one turn of it, for the whole process. It judges the
 * work before, not the work to come, so a turn may take one piece of work more.
 */
export class LoopTime {
  readonly #limitMs: number;
  readonly #now: () => number;
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
    if (!this.#counting) {
      this.#counting = true;
      setImmediate(this.#onTurnOver);
    }
    return this.#now();
  }

  /** Work that began then is over. */
  end(begun: number): void {
    this.#spentMs += this.#now() - begun;
  }

  readonly #onTurnOver = (): void => {
    this.#counting = false;
    this.#spentMs = 0;
  };
}
