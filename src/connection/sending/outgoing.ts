import { CloseCode } from '../../protocol/closing/close-code.ts';
import type { FragmentSender } from '../../protocol/sending/sender.ts';
import type { ResolvedConnectionOptions } from '../options/options.ts';
import type { Wire } from '../wire.ts';
import { Backpressure, notOpen } from './backpressure.ts';
import { byteLength, type Payload, payloadOf } from './payload.ts';
import { checkPieces, type Pieces, sendFragments } from './send-fragments.ts';
import { checkSendOptions, type SendOptions } from './send-options.ts';

const encoder = new TextEncoder();

/** The way out of one connection: what `send`, `sendFragments`, `drained` and `ping` do. */
export class Outgoing {
  readonly #wire: Wire;
  readonly #backpressure: Backpressure;
  readonly #untilEnd = new Set<(error: Error) => void>();
  #over = false;
  #progressPlanned = false;

  constructor(
    wire: Wire,
    options: ResolvedConnectionOptions['backpressure'],
    onDrained: () => void,
  ) {
    this.#wire = wire;
    this.#backpressure = new Backpressure(options, onDrained);
  }

  /** Messages and bytes that were dropped whole. */
  get dropped(): { readonly messages: number; readonly bytes: number } {
    return this.#backpressure.dropped;
  }

  /** Counts messages that were dropped whole. */
  drop(messages: number, bytes: number): void {
    this.#backpressure.drop(messages, bytes);
  }

  /** Queues a message or fragment; whether sending may go on. */
  send(message: Payload, options: SendOptions | undefined): boolean {
    const payload = payloadOf(message, 'message');
    if (options !== undefined) checkSendOptions(options);
    if (!this.#open) return false;
    if (!this.#backpressure.accepts(this.#wire.bufferedAmount)) return this.#overflow(payload);
    this.#wire.protocol.send(payload, options);
    if (options?.fin !== false) this.#wire.tally.messagesSent++;
    if (this.#backpressure.goesOn(this.#wire.bufferedAmount)) return true;
    this.onWrite();
    return false;
  }

  /** Sends one message from many pieces, at the pace of the peer. */
  sendFragments(pieces: Pieces, type: 'text' | 'binary'): Promise<void> {
    checkPieces(pieces, type);
    return this.#untilOver((resolve, reject) => {
      const owner = {
        takeTurn: () => this.#takeTurn(type),
        drained: () => this.#drained(true),
        isOver: () => this.#over,
        fail: (error: unknown) => {
          // First, because the end that follows rejects as well, and knows less.
          reject(error);
          this.#wire.fail(CloseCode.InternalError, '', error);
        },
      };
      const counted = (): void => {
        this.#wire.tally.messagesSent++;
        resolve();
      };
      sendFragments(owner, pieces, type).then(counted, reject);
    });
  }

  /** Resolves when less than the soft mark is buffered. */
  drained(): Promise<void> {
    const drained = this.#open ? this.#drained(false) : Promise.reject(notOpen());
    drained.catch(() => {});
    return drained;
  }

  /** Sends a Ping; resolves to its round trip in milliseconds. */
  ping(bytes: Payload): Promise<number> {
    const payload = payloadOf(bytes, 'bytes');
    const own = typeof payload === 'string' ? encoder.encode(payload) : payload;
    if (own.length > 125) {
      throw new RangeError(`a ping carries at most 125 bytes, but these are ${own.length}`);
    }
    const sent = this.#open && this.#wire.protocol.ping(own);
    const roundTrip = sent ? this.#wire.pings.roundTrip(own) : Promise.reject(notOpen());
    roundTrip.catch(() => {});
    return roundTrip;
  }

  /** No new message is accepted any more. */
  onClosing(): void {
    this.#backpressure.end(false);
  }

  /** Nothing leaves any more. */
  onEnding(): void {
    this.#over = true;
    this.#backpressure.end(true);
    for (const reject of this.#untilEnd) reject(notOpen());
  }

  /** Looks after this turn's flush how much still waits. */
  onWrite(): void {
    this.#wire.watched = true;
    if (this.#progressPlanned) return;
    this.#progressPlanned = true;
    // A transport in memory flushes by a microtask, others before this tick's end.
    process.nextTick(queueMicrotask, this.onProgress);
  }

  /** Bytes have left. */
  readonly onProgress = (): void => {
    this.#progressPlanned = false;
    if (this.#over) return;
    this.#backpressure.onProgress(this.#wire);
    this.#wire.watched = this.#backpressure.watching;
  };

  get #open(): boolean {
    return !this.#over && this.#wire.protocol.state === 'open';
  }

  #takeTurn(type: 'text' | 'binary'): Promise<FragmentSender> {
    return this.#untilOver((resolve, reject) => {
      const open = !this.#over && this.#wire.protocol.fragments(type, undefined, resolve);
      if (!open) reject(notOpen());
    });
  }

  /** A promise that rejects when the connection ends, and is silent when nobody awaits it. */
  #untilOver<T>(
    start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    let onEnd: (error: Error) => void = () => {};
    const promise = new Promise<T>((resolve, reject) => {
      onEnd = reject;
      this.#untilEnd.add(onEnd);
      start(resolve, reject);
    });
    const forget = (): void => void this.#untilEnd.delete(onEnd);
    promise.then(forget, forget);
    return promise;
  }

  #drained(patient: boolean): Promise<void> {
    const drained = this.#backpressure.drained(this.#wire, patient);
    if (this.#backpressure.watching) this.onWrite();
    return drained;
  }

  #overflow(payload: string | Uint8Array): boolean {
    this.#backpressure.drop(1, byteLength(payload));
    const why = 'too much is waiting for the peer';
    this.#wire.fail(CloseCode.TryAgainLater, why, undefined, 'backpressure.hard');
    return false;
  }
}
