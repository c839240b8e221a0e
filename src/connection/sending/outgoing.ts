import { CloseCode } from '../../protocol/closing/close-code.ts';
import type { FragmentSender } from '../../protocol/sending/sender.ts';
import type { ResolvedConnectionOptions } from '../options/options.ts';
import { Hold } from '../receiving/reading.ts';
import type { Wire } from '../wire.ts';
import { Backlog, keepsBack, type WaitingMessage } from './backlog.ts';
import { Backpressure, notOpen, type Sending } from './backpressure.ts';
import { byteLength, type Payload, payloadOf } from './payload.ts';
import { checkPieces, type Pieces, sendFragments } from './send-fragments.ts';
import { checkSendOptions, type SendOptions } from './send-options.ts';

const encoder = new TextEncoder();

/** What the way out tells its connection. */
export interface OutgoingOwner extends Sending {
  /** Messages were dropped whole because the peer is slow. */
  onDroppedSlow(messages: number, bytes: number): void;
}

/** The way out of one connection: what `send`, `sendFragments`, `drained` and `ping` do. */
export class Outgoing {
  readonly #wire: Wire;
  readonly #owner: OutgoingOwner;
  readonly #policy: ResolvedConnectionOptions['backpressure']['policy'];
  readonly #backpressure: Backpressure;
  /** Undefined where the policy drops nothing that was accepted. */
  readonly #backlog: Backlog | undefined;
  #untilEnd: Set<(error: Error) => void> | undefined;
  #over = false;
  #progressPlanned = false;
  #later: (() => void) | undefined;
  /** Whether a message in fragments was begun by `send`. */
  #unfinished = false;

  constructor(
    wire: Wire,
    options: ResolvedConnectionOptions['backpressure'],
    owner: OutgoingOwner,
  ) {
    this.#wire = wire;
    this.#owner = owner;
    this.#policy = options.policy;
    this.#backpressure = new Backpressure(options, owner);
    if (keepsBack(options.policy))
      this.#backlog = new Backlog(options, (bytes) => this.#dropSlow(bytes));
  }

  /** Bytes of messages that were not handed on yet: the policy may still drop them. */
  get unsent(): number {
    return this.#backlog?.length ?? 0;
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
    const whole = options?.fin === undefined && !this.#unfinished;
    if (whole && this.#backlog?.holds(this.#ahead)) {
      return this.#wait(this.#backlog, payload, options);
    }
    if (!this.#backpressure.accepts(this.#wire.bufferedAmount)) {
      return this.#overflow(payload, whole);
    }
    if (!whole) this.flush();
    this.#wire.protocol.send(payload, options);
    this.#unfinished = options?.fin === false;
    if (!this.#unfinished) this.#wire.tally.messagesSent++;
    return this.#goesOn();
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
    const roundTrip = sent
      ? this.#wire.pings.roundTrip(own, () => this.#wire.reading.holds(Hold.QueueFull))
      : Promise.reject(notOpen());
    roundTrip.catch(() => {});
    return roundTrip;
  }

  /** Hands on what the policy might have dropped: something follows that must not overtake it. */
  flush(): void {
    for (const message of this.#backlog?.takeAll() ?? []) this.#handOn(message);
  }

  /** No new message is accepted any more. */
  onClosing(): void {
    this.#backpressure.end(false);
  }

  /** Nothing leaves any more. */
  onEnding(): void {
    this.#over = true;
    this.#backlog?.abandon();
    this.#backpressure.end(true);
    for (const reject of this.#untilEnd ?? []) reject(notOpen());
  }

  /** Looks after this turn's flush how much still waits. */
  onWrite(): void {
    this.#wire.traffic.watched = true;
    if (this.#progressPlanned) return;
    this.#progressPlanned = true;
    // A transport in memory flushes by a microtask, others before this tick's end.
    this.#later ??= () => this.onProgress();
    process.nextTick(queueMicrotask, this.#later);
  }

  /** Bytes have left. */
  onProgress(): void {
    this.#progressPlanned = false;
    if (this.#over) return this.#wire.traffic.onWaiting();
    while (this.#open) {
      const message = this.#backlog?.next(this.#ahead);
      if (message === undefined) break;
      this.#handOn(message);
    }
    const { traffic } = this.#wire;
    traffic.onWaiting();
    this.#backpressure.onProgress(this.#wire);
    const { watching } = this.#backpressure;
    this.#wire.traffic.watched = watching || this.#backlog?.empty === false || traffic.waits;
  }

  get #open(): boolean {
    return !this.#over && this.#wire.protocol.state === 'open';
  }

  /** Bytes that are on their way, whatever the policy. */
  get #ahead(): number {
    return this.#wire.bufferedAmount - this.unsent;
  }

  #takeTurn(type: 'text' | 'binary'): Promise<FragmentSender> {
    return this.#untilOver((resolve, reject) => {
      if (this.#open) this.flush();
      const open = !this.#over && this.#wire.protocol.fragments(type, undefined, resolve);
      if (!open) reject(notOpen());
    });
  }

  /** A promise that rejects when the connection ends, and is silent when nobody awaits it. */
  #untilOver<T>(
    start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    const untilEnd = (this.#untilEnd ??= new Set());
    let onEnd: (error: Error) => void = () => {};
    const promise = new Promise<T>((resolve, reject) => {
      onEnd = reject;
      untilEnd.add(onEnd);
      start(resolve, reject);
    });
    const forget = (): void => void untilEnd.delete(onEnd);
    promise.then(forget, forget);
    return promise;
  }

  #drained(patient: boolean): Promise<void> {
    const drained = this.#backpressure.drained(this.#wire, patient);
    if (this.#backpressure.watching) this.onWrite();
    return drained;
  }

  #goesOn(): boolean {
    if (this.#backpressure.goesOn(this.#wire.bufferedAmount)) return true;
    this.onWrite();
    return false;
  }

  /** Keeps a whole message where the policy may still drop it, or drops others for it. */
  #wait(backlog: Backlog, payload: string | Uint8Array, options: SendOptions | undefined): boolean {
    const kept = backlog.add(payload, options, this.#ahead);
    if (kept) this.#wire.tally.messagesSent++;
    this.onWrite();
    return this.#goesOn() && kept;
  }

  #handOn({ payload, options }: WaitingMessage): void {
    this.#wire.protocol.send(payload, options);
  }

  /** The hard mark is reached: the message goes, or the connection. A fragment cannot be dropped. */
  #overflow(payload: string | Uint8Array, whole: boolean): boolean {
    const length = byteLength(payload);
    if (whole && this.#policy !== 'close') {
      this.#dropSlow(length);
      return this.#goesOn();
    }
    this.drop(1, length);
    const why = 'too much is waiting for the peer';
    this.#wire.fail(CloseCode.TryAgainLater, why, undefined, 'backpressure.hard');
    return false;
  }

  #dropSlow(bytes: number): void {
    this.drop(1, bytes);
    this.#wire.hit('backpressure.hard');
    this.#owner.onDroppedSlow(1, bytes);
  }
}
