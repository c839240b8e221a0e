import type { Hold } from '../receiving/reading.ts';
import type { Clock, Deadline } from '../timing/clock.ts';

/** What stops and goes on with the reading of a connection. */
export interface Holdable {
  hold(reason: Hold): void;
  release(reason: Hold): void;
}

/** Holds the reading of a connection for one reason until something that is scarce is there again. */
export class Throttle {
  readonly #reason: Hold;
  readonly #flow: Holdable;
  readonly #clock: Clock;
  readonly #wait: () => number;
  #deadline: Deadline | undefined;

  /** `wait` tells how long there will be nothing, in milliseconds; 0 when there is something. */
  constructor(reason: Hold, flow: Holdable, clock: Clock, wait: () => number) {
    this.#reason = reason;
    this.#flow = flow;
    this.#clock = clock;
    this.#wait = wait;
  }

  /** Holds the reading if there is nothing; whether it does so from now on. */
  check(): boolean {
    if (this.#deadline !== undefined) return false;
    const wait = this.#wait();
    if (wait === 0) return false;
    this.#deadline = this.#clock.after(wait, this.#goOn);
    this.#flow.hold(this.#reason);
    return true;
  }

  /** Nothing comes any more: what is held is let go. */
  end(): void {
    if (this.#deadline === undefined) return;
    this.#deadline.cancel();
    this.#deadline = undefined;
    this.#flow.release(this.#reason);
  }

  readonly #goOn = (): void => {
    const wait = this.#wait();
    if (wait > 0) {
      this.#deadline = this.#clock.after(wait, this.#goOn);
    } else {
      this.#deadline = undefined;
      this.#flow.release(this.#reason);
    }
  };
}
