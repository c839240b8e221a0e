import type { MessageHeader } from '../../protocol/receiving/message-sink.ts';
import type { CloseInfo } from '../closing/close-info.ts';
import type { Connection } from '../connection.ts';
import type { FrameBits, Handler, HandlerResult, Message, Piece } from '../handler.ts';
import type { ResolvedConnectionOptions } from '../options/options.ts';
import { isThenable, reportError } from '../reporting/report-error.ts';
import { isNotOpen } from '../sending/backpressure.ts';
import type { ConnectionSetup } from '../setup.ts';
import type { Clock } from '../timing/clock.ts';
import { Delivery, type DeliveryOwner } from './delivery.ts';
import { Pull, type PulledPiece } from './pull.ts';
import { type Flow, ReceiveQueue } from './receive-queue.ts';

/** What the application's side needs of its connection. */
export interface ApplicationOwner extends Flow {
  /** A handler threw: the connection is failed. */
  onHandlerError(error: unknown): void;
  /** Messages are pulled from now on, whole or in pieces. */
  onDecision(pieces: boolean): void;
  onDropped(messages: number, bytes: number): void;
}

/**
 * The application's side of a connection: calls the handler in order, or keeps messages until they
 * are pulled. What application code throws stays here.
 */
export class Application<Context, Params> implements DeliveryOwner {
  readonly #connection: Connection<Context, Params>;
  readonly #handler: Handler<Context, Params> | undefined;
  readonly #owner: ApplicationOwner;
  readonly #clock: Clock;
  readonly #options: ResolvedConnectionOptions;
  readonly #delivery: Delivery;
  #pulled: ReceiveQueue | undefined;
  #pull: Pull | undefined;
  #discards = false;
  #closing = false;
  #info: CloseInfo | undefined;

  constructor(
    connection: Connection<Context, Params>,
    { handler, options }: ConnectionSetup<Context, Params>,
    clock: Clock,
    owner: ApplicationOwner,
  ) {
    this.#connection = connection;
    this.#handler = handler;
    this.#owner = owner;
    this.#clock = clock;
    this.#options = options;
    this.#delivery = new Delivery(this, options.concurrency);
  }

  /** Calls `open`; messages are handed over once it has finished. */
  open(): void {
    const result = this.#call((handler) => handler.open?.(this.#connection));
    if (!this.#receives() && this.#pull === undefined) {
      if (this.#handler === undefined) this.#pull = this.#createPull();
      else this.#discard();
    }
    if (isThenable(result)) {
      const start = (): void => this.#delivery.start();
      Promise.resolve(result).then(start, start);
    } else {
      this.#delivery.start();
    }
  }

  onMessage(data: Message, { rsv, opcode }: MessageHeader): void {
    const bits = this.#options.allowReservedBits ? { rsv, opcode } : undefined;
    if (this.#pull !== undefined) this.#pull.push({ data, bits, piece: undefined });
    else if (!this.#discards) this.#delivery.push(data, bits, undefined);
  }

  onPiece(bytes: Uint8Array, piece: Piece): void {
    if (this.#pull !== undefined) this.#pull.push({ data: bytes, bits: undefined, piece });
    else if (!this.#discards) this.#delivery.push(bytes, undefined, piece);
  }

  onPing(bytes: Uint8Array): void {
    this.#call((handler) => handler.ping?.(this.#connection, bytes));
  }

  onPong(bytes: Uint8Array, roundTripMs: number | undefined): void {
    this.#call((handler) => handler.pong?.(this.#connection, bytes, roundTripMs));
  }

  onDrained(): void {
    this.#call((handler) => handler.drain?.(this.#connection));
  }

  /** A Close was asked for: the peer's must be seen though nobody pulls, or a handler awaits it. */
  onClosing(): void {
    this.#closing = true;
    this.#delivery.close();
    if (this.#pull === undefined) return;
    this.#pull.close();
    this.#owner.release();
  }

  /** Nothing more comes: `close` is called when everything was handled. */
  onEnd(info: CloseInfo): void {
    this.#info = info;
    this.#pull?.end(info);
    this.#delivery.end();
  }

  pause(): void {
    this.#delivery.pause();
  }

  resume(): void {
    this.#delivery.resume();
  }

  /** Gives the next message or piece; a TypeError when a handler takes them. */
  pull(options: object | undefined): Promise<Message | PulledPiece | undefined> {
    this.checkPull();
    this.#pull ??= this.#createPull();
    return this.#pull.receive(options);
  }

  /** Throws a TypeError when messages go to a handler. */
  checkPull(): void {
    if (!this.#receives()) return;
    throw new TypeError('messages go to the handler; only a connection without one can be pulled');
  }

  /** What was received and not taken yet, in bytes. */
  get waiting(): number {
    return this.#delivery.size + (this.#pulled?.size ?? 0);
  }

  /** Drops what waits. */
  drop(): void {
    const { messages, bytes } = (this.#pulled ?? this.#delivery).clear();
    this.#owner.onDropped(messages, bytes);
  }

  /** The iteration was left. */
  leave(): void {
    this.#pull?.leave();
  }

  #receives(): boolean {
    return this.#handler?.message !== undefined || this.#handler?.fragment !== undefined;
  }

  #createPull(): Pull {
    const owner = this.#owner;
    const pull = new Pull(
      (this.#pulled = new ReceiveQueue(this.#options.receiveQueue, {
        hold: () => (this.#closing ? undefined : owner.hold()),
        release: () => owner.release(),
        onTaken: () => owner.onTaken(),
      })),
      this.#clock,
      (pieces) => owner.onDecision(pieces),
      (messages, bytes) => owner.onDropped(messages, bytes),
    );
    if (this.#closing) pull.close();
    if (this.#info !== undefined) pull.end(this.#info);
    this.#discards = false;
    return pull;
  }

  #discard(): void {
    this.#discards = true;
    this.#owner.onDecision(false);
  }

  createQueue(): ReceiveQueue {
    return new ReceiveQueue(this.#options.receiveQueue, this.#owner);
  }

  /** Hands a message or piece to the handler. */
  deliver(data: Message, bits: FrameBits | undefined, piece: Piece | undefined): HandlerResult {
    if (piece === undefined) return this.#handler?.message?.(this.#connection, data, bits);
    if (typeof data === 'string') return undefined;
    return this.#handler?.fragment?.(this.#connection, data, piece);
  }

  /** Everything was handled, and nothing more comes. */
  onFinished(): void {
    const info = this.#info;
    if (info !== undefined) this.#call((handler) => handler.close?.(this.#connection, info));
  }

  /** Calls a handler whose result nobody waits for, except that it may fail. */
  #call(step: (handler: Handler<Context, Params>) => HandlerResult): HandlerResult {
    if (this.#handler === undefined) return undefined;
    try {
      const result = step(this.#handler);
      if (!isThenable(result)) return result;
      const promise = Promise.resolve(result);
      promise.catch((error: unknown) => this.onError(error));
      return promise;
    } catch (error) {
      this.onError(error);
      return undefined;
    }
  }

  /** The handler threw, or its promise rejected. */
  onError(error: unknown): void {
    // The peer left while the handler waited to send: that is no fault of the handler's.
    if (isNotOpen(error) && this.#connection.state !== 'open') return;
    this.#delivery.stop();
    reportError(this.#handler, this.#connection, error);
    this.#owner.onHandlerError(error);
  }
}
