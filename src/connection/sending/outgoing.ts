import { CloseCode } from '../../protocol/closing/close-code.ts';
import type { FragmentSender } from '../../protocol/sending/sender.ts';
import type { SharedMessage } from '../../protocol/sending/shared-message.ts';
import type { GrowingRange } from '../../transport/growing-range.ts';
import type { ResolvedConnectionOptions } from '../options/options.ts';
import type { Tally } from '../reporting/tally.ts';
import type { Wire } from '../wire.ts';
import { Backlog, keepsBack, sendWaiting, type WaitingMessage } from './backlog.ts';
import { Backpressure, notOpen, type Sending } from './backpressure.ts';
import { byteLength, type Payload, payloadOf } from './payload.ts';
import { endRound } from './round.ts';
import { checkPieces, type Pieces, sendFragments } from './send-fragments.ts';
import { checkSendOptions, type SendOptions } from './send-options.ts';
import { sendPing } from './send-ping.ts';
import { type Start, UntilOver } from './until-over.ts';

type Marks = ResolvedConnectionOptions['backpressure'];
type Kept = WaitingMessage['payload'];

/** The way out of one connection: what `send`, `sendFragments`, `drained` and `ping` do. */
export class Outgoing {
  readonly #wire: Wire;
  readonly #owner: Sending;
  /** Policy and marks, the same object for all connections of an endpoint: they share its memory. */
  readonly #options: Marks;
  /** Made when the peer is slow for the first time. */
  #slow: Backpressure | undefined;
  /** Undefined where the policy drops nothing that was accepted. */
  readonly #backlog: Backlog | undefined;
  #untilOver: UntilOver | undefined;
  #over = false;
  #progressPlanned = false;
  #later: (() => void) | undefined;
  /** Whether a message in fragments was begun by `send`. */
  #unfinished = false;

  constructor(wire: Wire, options: Marks, owner: Sending) {
    this.#wire = wire;
    this.#owner = owner;
    this.#options = options;
    if (keepsBack(options.policy))
      this.#backlog = new Backlog(options, (bytes) => this.#backpressure().dropSlow(wire, bytes));
  }

  /** Bytes of messages that were not handed on yet: the policy may still drop them. */
  get unsent(): number {
    return this.#backlog?.length ?? 0;
  }

  /** Messages and bytes that were dropped whole. */
  get dropped(): { readonly messages: number; readonly bytes: number } {
    return this.#slow?.dropped ?? { messages: 0, bytes: 0 };
  }

  /** Counts messages that were dropped whole. */
  drop(messages: number, bytes: number): void {
    this.#backpressure().drop(messages, bytes);
  }

  /** Queues a message or fragment; whether sending may go on. */
  send(message: Payload, options: SendOptions | undefined): boolean {
    const payload = payloadOf(message, 'message');
    if (options !== undefined) checkSendOptions(options);
    if (!this.#isOpen()) return false;
    const whole = options?.fin === undefined && !this.#unfinished;
    if (whole && this.#backlog?.holds(this.#wire.handedAmount)) {
      const kept = this.#keep(this.#backlog, payload, options);
      return this.#goesOn() && kept;
    }
    if (this.#buffered() >= this.#options.hard) {
      const length = byteLength(payload);
      return this.#backpressure().overflow(this.#wire, length, whole) && this.#goesOn();
    }
    if (!whole) this.flush();
    this.#wire.protocol.send(payload, options);
    this.#unfinished = options?.fin === false;
    if (!this.#unfinished) this.#wire.traffic.tally.messagesSent++;
    return this.#goesOn();
  }

  /** Queues a message that others send as well; whether it did, undefined when it is not open. */
  share(message: SharedMessage, options: SendOptions | undefined): boolean | undefined {
    if (!this.#isOpen()) return undefined;
    try {
      return this.#share(message, options);
    } catch (error) {
      // Whoever sends to many is not told of one whose transport is broken.
      this.#wire.lost(error instanceof Error ? error : undefined);
      return undefined;
    }
  }

  /** Takes what is appended to the message shared last without being asked; who counts it, if so. */
  follow(range: GrowingRange): Tally | undefined {
    const { protocol, traffic, transport } = this.#wire;
    const { watched, waits, tally } = traffic;
    const room = this.#options.soft - this.#buffered();
    if (watched || waits || room <= 0 || this.#backlog !== undefined) return undefined;
    if (!protocol.sharesFrames || transport.follow?.(range) !== true) return undefined;
    range.room = Math.min(range.room, room);
    return tally;
  }

  /** Sends one message from many pieces, at the pace of the peer. */
  sendFragments(pieces: Pieces, type: 'text' | 'binary'): Promise<void> {
    checkPieces(pieces, type);
    return this.#untilEnd((resolve, reject) => {
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
        this.#wire.traffic.tally.messagesSent++;
        resolve();
      };
      sendFragments(owner, pieces, type).then(counted, reject);
    });
  }

  /** Resolves when less than the soft mark is buffered. */
  drained(): Promise<void> {
    const drained = this.#isOpen() ? this.#drained(false) : Promise.reject(notOpen());
    drained.catch(() => {});
    return drained;
  }

  /** Sends a Ping; resolves to its round trip in milliseconds. */
  ping(bytes: Payload): Promise<number> {
    return sendPing(this.#wire, bytes, this.#isOpen());
  }

  /** Hands on what the policy might have dropped: something follows that must not overtake it. */
  flush(): void {
    for (const message of this.#backlog?.takeAll() ?? []) sendWaiting(this.#wire.protocol, message);
  }

  /** No new message is accepted any more. */
  onClosing(): void {
    endRound();
    this.#slow?.end(false);
  }

  /** Nothing leaves any more. */
  onEnding(): void {
    this.#over = true;
    endRound();
    this.#backlog?.abandon();
    this.#slow?.end(true);
    this.#untilOver?.end();
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
    while (this.#isOpen()) {
      const message = this.#backlog?.next(this.#wire.handedAmount);
      if (message === undefined) break;
      sendWaiting(this.#wire.protocol, message);
    }
    const { traffic } = this.#wire;
    traffic.onWaiting();
    this.#slow?.onProgress(this.#wire);
    const watching = this.#slow?.watching === true || this.#backlog?.empty === false;
    traffic.watched = watching || traffic.waits;
  }

  #isOpen(): boolean {
    return !this.#over && this.#wire.protocol.state === 'open';
  }

  #buffered(): number {
    return this.#wire.handedAmount + this.unsent;
  }

  #backpressure(): Backpressure {
    return (this.#slow ??= new Backpressure(this.#options, this.#owner));
  }

  #takeTurn(type: 'text' | 'binary'): Promise<FragmentSender> {
    endRound();
    return this.#untilEnd((resolve, reject) => {
      if (this.#isOpen()) this.flush();
      const open = !this.#over && this.#wire.protocol.fragments(type, undefined, resolve);
      if (!open) reject(notOpen());
    });
  }

  /** A promise that rejects when the connection ends. */
  #untilEnd<T>(start: Start<T>): Promise<T> {
    return (this.#untilOver ??= new UntilOver()).promise(start);
  }

  #drained(patient: boolean): Promise<void> {
    const drained = this.#backpressure().drained(this.#wire, patient);
    if (this.#backpressure().watching) this.onWrite();
    return drained;
  }

  #goesOn(): boolean {
    if (this.#buffered() < this.#options.soft) return true;
    this.#backpressure().stop();
    this.onWrite();
    return false;
  }

  #share(message: SharedMessage, options: SendOptions | undefined): boolean {
    let queued = true;
    if (this.#backlog?.holds(this.#wire.handedAmount)) {
      queued = this.#keep(this.#backlog, message, options);
    } else if (this.#buffered() >= this.#options.hard) {
      const { length } = message;
      return this.#backpressure().overflow(this.#wire, length, true) && this.#goesOn();
    } else {
      this.#wire.protocol.share(message);
      this.#wire.traffic.tally.messagesSent++;
    }
    this.#goesOn();
    return queued;
  }

  /** Keeps a whole message where the policy may still drop it, or drops others for it. */
  #keep(backlog: Backlog, payload: Kept, options: SendOptions | undefined): boolean {
    const kept = backlog.add(payload, options, this.#wire.handedAmount);
    if (kept) this.#wire.traffic.tally.messagesSent++;
    this.onWrite();
    return kept;
  }
}
