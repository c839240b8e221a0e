import type { ResolvedConnectionOptions } from '../options/options.ts';
import { Hold } from '../receiving/reading.ts';
import type { Clock } from '../timing/clock.ts';
import { type Holdable, Throttle } from './throttle.ts';
import { TokenBucket } from './token-bucket.ts';

/**
 * How many messages and bytes a second are read; one second's worth may come at once. Beyond it
 * reading pauses, so that the peer is slowed and nothing is lost.
 */
export class RateLimit {
  readonly #messages: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;
  readonly #throttle: Throttle;
  readonly #onLimit: () => void;

  /** `onLimit` is called whenever reading pauses. */
  constructor(
    { messages, bytes }: Exclude<ResolvedConnectionOptions['rateLimit'], false>,
    flow: Holdable,
    clock: Clock,
    onLimit: () => void,
  ) {
    this.#messages = bucketOf(messages, clock);
    this.#bytes = bucketOf(bytes, clock);
    this.#onLimit = onLimit;
    this.#throttle = new Throttle(Hold.RateLimited, flow, clock, () =>
      Math.max(this.#messages?.wait ?? 0, this.#bytes?.wait ?? 0),
    );
  }

  /** A message was read. */
  onMessage(): void {
    if (this.#messages === undefined) return;
    this.#messages.take(1);
    this.#check();
  }

  /** So many bytes were read. */
  onBytes(length: number): void {
    if (this.#bytes === undefined) return;
    this.#bytes.take(length);
    this.#check();
  }

  /** Nothing comes any more: what is held is let go. */
  end(): void {
    this.#throttle.end();
  }

  #check(): void {
    if (this.#throttle.check()) this.#onLimit();
  }
}

function bucketOf(rate: number, clock: Clock): TokenBucket | undefined {
  return rate === Infinity ? undefined : new TokenBucket(rate, rate, clock);
}
