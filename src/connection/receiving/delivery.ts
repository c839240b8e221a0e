import type { FrameBits, Message, Piece } from '../handler.ts';
import { isThenable } from '../reporting/report-error.ts';
import { MAX_LATE, type Received, type ReceiveQueue } from './receive-queue.ts';

/** What a delivery needs of its connection. */
export interface DeliveryOwner {
  /** Makes the queue for messages that come faster than they are taken. */
  createQueue(): ReceiveQueue;
  /** Calls the application's handler; gives what it returned. */
  deliver(data: Message, bits: FrameBits | undefined, piece: Piece | undefined): unknown;
  /** The handler threw or its promise rejected. */
  onError(error: unknown): void;
  /** The connection ended and everything was handled. */
  onFinished(): void;
}

/** Hands messages to a handler in order: while its promises are pending, later ones wait. */
export class Delivery {
  readonly #owner: DeliveryOwner;
  /** Made when the first message has to wait. */
  #queue: ReceiveQueue | undefined;
  readonly #concurrency: number;
  #ready = false;
  #calling = false;
  #pending = 0;
  #ended = false;
  #paused = false;
  /** Whether a handler failed: none is called for a message any more. */
  #stopped = false;
  /** Made for the first handler that is asynchronous. */
  #settled: (() => void) | undefined;
  #failed: ((error: unknown) => void) | undefined;

  constructor(owner: DeliveryOwner, concurrency: number) {
    this.#owner = owner;
    this.#concurrency = concurrency;
  }

  /** What waits, in bytes and what a message costs beside them. */
  get size(): number {
    return this.#queue?.size ?? 0;
  }

  /** Drops what waits; gives how many messages and bytes that was. */
  clear(): { readonly messages: number; readonly bytes: number } {
    return this.#waiting().clear();
  }

  /** The first message may be handed over: `open` has finished. */
  start(): void {
    this.#ready = true;
    this.#work();
  }

  /** Hands a message over at once, or behind those that wait. */
  push(data: Message, bits: FrameBits | undefined, piece: Piece | undefined): void {
    if (this.#stopped) return;
    if (this.#isFree() && this.#isEmpty()) {
      this.#call(data, bits, piece);
      if (this.#ended || !this.#isEmpty()) this.#work();
    } else {
      this.#waiting().push({ data, bits, piece });
    }
  }

  /**
   * A Close was asked for: a handler may await the peer's, so much may wait before that is held
   * back behind messages.
   */
  close(): void {
    this.#waiting().raise(MAX_LATE);
  }

  /** Nothing more comes; `onFinished` follows when everything was handled. */
  end(): void {
    this.#ended = true;
    this.#paused = false;
    this.#work();
  }

  /** Hands over nothing more: a handler failed. What waits is dropped once the connection has. */
  stop(): void {
    this.#stopped = true;
  }

  /** Hands over nothing until `resume`, unless the end comes first. */
  pause(): void {
    this.#paused = !this.#ended;
  }

  resume(): void {
    this.#paused = false;
    this.#work();
  }

  #waiting(): ReceiveQueue {
    return (this.#queue ??= this.#owner.createQueue());
  }

  #isEmpty(): boolean {
    return this.#queue === undefined || this.#queue.empty;
  }

  #isFree(): boolean {
    const mayCall = this.#ready && !this.#paused && !this.#stopped;
    return mayCall && !this.#calling && this.#pending < this.#concurrency;
  }

  #work(): void {
    while (this.#isFree()) {
      const item = this.#take();
      if (item === undefined) break;
      this.#call(item.data, item.bits, item.piece);
    }
    if (this.#stopped) this.#waiting().clear();
    if (this.#ended && this.#ready && this.#isEmpty() && !this.#calling && this.#pending === 0) {
      this.#ended = false;
      this.#owner.onFinished();
    }
  }

  /** Taking a message may let more in, which must not overtake it. */
  #take(): Received | undefined {
    this.#calling = true;
    const item = this.#queue?.shift();
    this.#calling = false;
    return item;
  }

  #call(data: Message, bits: FrameBits | undefined, piece: Piece | undefined): void {
    this.#calling = true;
    try {
      const result = this.#owner.deliver(data, bits, piece);
      if (isThenable(result)) {
        this.#pending++;
        this.#settled ??= () => this.#onSettled();
        this.#failed ??= (error) => this.#onFailed(error);
        Promise.resolve(result).then(this.#settled, this.#failed);
      }
    } catch (error) {
      this.#owner.onError(error);
    } finally {
      this.#calling = false;
    }
  }

  #onSettled(): void {
    this.#pending--;
    this.#work();
  }

  #onFailed(error: unknown): void {
    this.#pending--;
    this.#owner.onError(error);
    this.#work();
  }
}
