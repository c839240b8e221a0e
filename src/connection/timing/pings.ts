import type { CloseInfo } from '../closing/close-info.ts';
import { ConnectionClosedError, TimeoutError } from '../reporting/errors.ts';
import type { Clock } from './clock.ts';

interface Waiting {
  readonly payload: string;
  readonly sentAt: number;
  readonly resolve: ((roundTripMs: number) => void) | undefined;
  readonly reject: ((error: Error) => void) | undefined;
}

/** How many Pings may wait for an answer: a peer need not give any. */
const MAX_WAITING = 1024;
/** How long a Ping waits for an answer that cannot be read, in milliseconds. */
const PATIENCE = 20_000;

/** What stands for a list while no Ping waits. */
const none: never[] = [];

/** The Pings of this side that have not been answered yet. */
export class Pings {
  readonly #clock: Clock;
  #waiting: Waiting[] = none;
  #heartbeats = 0;
  /** The last round trip measured, in milliseconds. */
  lastRoundTripMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes a Ping that nobody waits for, the heartbeat's, and gives its payload. */
  heartbeat(): Uint8Array {
    const payload = new Uint8Array(8);
    new DataView(payload.buffer).setFloat64(0, ++this.#heartbeats);
    this.#add(payload, undefined, undefined);
    return payload;
  }

  /**
   * Notes a Ping; resolves to its round trip in milliseconds. A handler that awaits it may be what
   * holds the answer up: then it is told so after a while, and nothing else would end that.
   */
  roundTrip(payload: Uint8Array, isHeldUp: () => boolean = () => false): Promise<number> {
    return new Promise((resolve, reject) => {
      const judge = (): void => {
        if (isHeldUp()) reject(new TimeoutError('messages that wait hold up the answer'));
        else deadline = this.#clock.after(PATIENCE, judge);
      };
      let deadline = this.#clock.after(PATIENCE, judge);
      const done = (): void => deadline.cancel();
      this.#add(
        payload,
        (roundTripMs) => (done(), resolve(roundTripMs)),
        (error) => (done(), reject(error)),
      );
    });
  }

  /**
   * A Pong came: gives the round trip of the Ping it answers, in milliseconds. It answers all
   * earlier ones too, as a peer need only answer the latest (RFC 6455 §5.5.3).
   */
  answered(payload: Uint8Array): number | undefined {
    const key = keyOf(payload);
    const index = this.#waiting.findIndex((ping) => ping.payload === key);
    if (index < 0) return undefined;
    const now = this.#clock.now();
    let roundTripMs = 0;
    for (const ping of this.#waiting.splice(0, index + 1)) {
      // The clock takes back time in which the event loop stood still.
      roundTripMs = Math.max(0, now - ping.sentAt);
      ping.resolve?.(roundTripMs);
    }
    // An emptied array keeps its memory: 150 bytes of every connection that was ever pinged.
    if (this.#waiting.length === 0) this.#waiting = none;
    this.lastRoundTripMs = roundTripMs;
    return roundTripMs;
  }

  /** The connection ended: nobody will answer any more. */
  end(info: CloseInfo): void {
    const waiting = this.#waiting;
    this.#waiting = none;
    for (const ping of waiting) ping.reject?.(new ConnectionClosedError(info));
  }

  #add(payload: Uint8Array, resolve: Waiting['resolve'], reject: Waiting['reject']): void {
    if (this.#waiting === none) this.#waiting = [];
    this.#waiting.push({ payload: keyOf(payload), sentAt: this.#clock.now(), resolve, reject });
    if (this.#waiting.length <= MAX_WAITING) return;
    const why = `no answer came before ${MAX_WAITING} more pings were sent`;
    this.#waiting.shift()?.reject?.(new TimeoutError(why));
  }
}

/** A control payload, 125 bytes at most, as a text to compare. */
function keyOf(payload: Uint8Array): string {
  return String.fromCharCode(...payload);
}
