import type { Clock } from '../timing/clock.ts';

/** Fractions may sum up to a little less than a token: a wait for that little must let time pass, too. */
const SHORTEST = 0.01;

/**
 * Tokens that come back at a steady rate, up to a burst. Taking never fails: what is taken beyond
 * what is there is owed, and comes back before anything else does.
 */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #since: number;

  /** Full at first; `rate` in tokens per second. */
  constructor(rate: number, burst: number, clock: Clock) {
    this.#rate = rate;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#since = clock.now();
  }

  take(tokens: number): void {
    this.#refill();
    this.#tokens -= tokens;
  }

  /** How long until a whole token is there, in milliseconds; 0 when one is. */
  get wait(): number {
    this.#refill();
    const wait = ((1 - this.#tokens) / this.#rate) * 1000;
    return this.#tokens >= 1 ? 0 : Math.max(wait, SHORTEST);
  }

  #refill(): void {
    const now = this.#clock.now();
    // The clock takes back time in which the event loop stood still: that is no debt.
    const elapsed = Math.max(0, now - this.#since);
    this.#since = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed / 1000) * this.#rate);
  }
}
