import type { Duplex } from 'node:stream';

import type { Clock, Deadline } from '../../connection/timing/clock.ts';
import { type Refused, refuse } from '../../handshake/decision.ts';
import { HandshakeError, type Refusal } from '../../handshake/errors.ts';
import { ignoreError } from '../http/refusal.ts';

/** An opening handshake whose request is complete and whose answer is not decided yet. */
export class PendingHandshake {
  /** Resolves with the answer when something ends the handshake before the application does. */
  readonly interrupted: Promise<Refused>;
  readonly #socket: Duplex;
  readonly #controller = new AbortController();
  readonly #deadline: Deadline;
  #end: (answer: Refused) => void = () => {};

  /** Counts down the time left, in milliseconds, and watches whether the client stays. */
  constructor(socket: Duplex, timeLeft: number, clock: Clock) {
    this.#socket = socket;
    this.interrupted = new Promise((resolve) => (this.#end = resolve));
    this.#deadline = clock.after(timeLeft, () => this.interrupt('APPLICATION_TIMEOUT'));
    socket.on('error', ignoreError);
    socket.once('end', this.#onGone);
    socket.once('close', this.#onGone);
    if (socket.destroyed || socket.readableEnded) this.#onGone();
  }

  /** Fires as soon as the handshake is interrupted. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the handshake with a refusal, whatever the application is doing. */
  interrupt(refusal: Refusal, detail?: string): void {
    this.settle();
    this.#controller.abort(new HandshakeError(refusal, detail === undefined ? {} : { detail }));
    this.#end(refuse(refusal));
  }

  /** The answer is decided: nothing interrupts it any more. */
  settle(): void {
    this.#deadline.cancel();
    this.#socket.off('end', this.#onGone);
    this.#socket.off('close', this.#onGone);
  }

  readonly #onGone = (): void => {
    this.#socket.destroy();
    this.interrupt('TIMEOUT', 'the client went away');
  };
}
