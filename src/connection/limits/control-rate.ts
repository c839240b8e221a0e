import type { ResolvedConnectionOptions } from '../options/options.ts';
import { Hold } from '../receiving/reading.ts';
import type { Clock } from '../timing/clock.ts';
import { type Holdable, Throttle } from './throttle.ts';
import { TokenBucket } from './token-bucket.ts';

/** Whoever keeps to the rate for so long begins anew; in milliseconds. */
const CALM = 1000;

/** What a limit of control frames does. */
export interface ControlRateActions {
  /** Reading slows: there were more than the burst and the rate allow. */
  onLimit(): void;
  /** It went on like that for too long. */
  onExceeded(): void;
}

/**
 * How many Pings and unasked Pongs are read. Beyond the burst and the rate, reading slows to the
 * rate; a peer that goes on all the same is given up (RFC 6455 §10.4).
 */
export class ControlRate {
  readonly #bucket: TokenBucket;
  readonly #throttle: Throttle;
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #actions: ControlRateActions;
  /** When the excess began that still lasts. */
  #since = 0;
  /** When reading slowed last. */
  #last = -Infinity;

  constructor(
    { burst, rate, timeout }: Exclude<ResolvedConnectionOptions['controlFrames'], false>,
    flow: Holdable,
    clock: Clock,
    actions: ControlRateActions,
  ) {
    this.#bucket = new TokenBucket(rate, burst, clock);
    this.#throttle = new Throttle(Hold.Controlled, flow, clock, () => this.#bucket.wait);
    this.#clock = clock;
    this.#timeout = timeout;
    this.#actions = actions;
  }

  /** A control frame was read. */
  onFrame(): void {
    this.#bucket.take(1);
    const { wait } = this.#bucket;
    if (wait === 0 || !this.#throttle.check()) return;
    const now = this.#clock.now();
    const calm = now > this.#last + CALM;
    if (calm) this.#since = now;
    this.#last = now + wait;
    if (calm) this.#actions.onLimit();
    else if (now - this.#since >= this.#timeout) this.#actions.onExceeded();
  }

  /** Nothing comes any more: what is held is let go. */
  end(): void {
    this.#throttle.end();
  }
}
