import type { Protocol } from '../../protocol/protocol.ts';
import type { Transport } from '../../transport/transport.ts';
import type { Deadlines } from '../timing/deadlines.ts';

/**
 * Why bytes are not read: the application paused, it is slower than the peer, it has not said
 * whether it takes a message in pieces that is too large to hold; or the peer sends more a second
 * than is allowed, or more control frames; or memory is short for what comes in, or goes out.
 */
export const Hold = {
  Paused: 1,
  QueueFull: 2,
  Undecided: 4,
  RateLimited: 8,
  Controlled: 16,
  InputShort: 32,
  OutputShort: 64,
} as const;
export type Hold = (typeof Hold)[keyof typeof Hold];

/**
 * Whether bytes are read. A hold suspends the protocol at once; the transport is paused only when a
 * further chunk arrives then.
 */
export class Reading {
  readonly #protocol: Protocol;
  readonly #transport: Transport;
  readonly #deadlines: Deadlines;
  #holds = 0;
  #transportPaused = false;
  #over = false;

  constructor(protocol: Protocol, transport: Transport, deadlines: Deadlines) {
    this.#protocol = protocol;
    this.#transport = transport;
    this.#deadlines = deadlines;
  }

  /** Whether nothing is read for this reason. */
  holds(reason: Hold): boolean {
    return (this.#holds & reason) !== 0;
  }

  /** Reads nothing more for a reason, until it is released. */
  hold(reason: Hold): void {
    if (this.#holds === 0) this.#protocol.suspend();
    this.#deadlines.stopReading(reason === Hold.Controlled);
    this.#holds |= reason;
  }

  release(reason: Hold): void {
    if (!this.holds(reason)) return;
    this.#holds &= ~reason;
    if (this.#holds !== 0) return;
    this.#deadlines.startReading();
    this.#protocol.resume();
  }

  /** Decides whether messages are handed on in pieces; one that waits for that is read on. */
  decide(pieces: boolean): void {
    this.#protocol.decide(pieces);
    this.release(Hold.Undecided);
  }

  /** Takes a chunk off the transport. */
  receive(chunk: Uint8Array, borrowed = false): void {
    const waited = this.#protocol.busy;
    this.#protocol.receive(chunk, borrowed);
    if (!waited || !this.#protocol.busy || this.#transportPaused || this.#over) return;
    this.#transportPaused = true;
    this.#transport.pause();
  }

  /** What still comes is of no interest, except the transport's end behind it. */
  end(): void {
    this.#over = true;
    this.onReady();
  }

  /** Nothing waits any more. */
  onReady(): void {
    if (!this.#transportPaused) return;
    this.#transportPaused = false;
    this.#transport.resume();
  }
}
