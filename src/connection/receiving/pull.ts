import type { CloseInfo } from '../closing/close-info.ts';
import type { Message, Piece } from '../handler.ts';
import { duration, flag, resolveOptions, wrongType } from '../options/option-rules.ts';
import { ConnectionClosedError, TimeoutError } from '../reporting/errors.ts';
import { byteLength } from '../sending/payload.ts';
import type { Clock } from '../timing/clock.ts';
import { MAX_LATE, type Received, type ReceiveQueue } from './receive-queue.ts';

/** How a message is pulled. */
export interface ReceiveOptions {
  /** How long to wait, in milliseconds. Default: Infinity. */
  readonly timeout?: number;
  /** Gives up waiting when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A piece of a message that was pulled with `{ pieces: true }`. */
export interface PulledPiece extends Piece {
  readonly bytes: Uint8Array;
}

interface Waiting {
  readonly pieces: boolean;
  readonly resolve: (value: Message | PulledPiece | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface PullOptions {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly pieces: boolean;
}

const defaults: PullOptions = { timeout: Infinity, signal: undefined, pieces: false };
const rules = { timeout: duration, signal: abortSignal, pieces: flag };
const encoder = new TextEncoder();

/** Messages for an application that asks for them one by one. */
export class Pull {
  readonly #queue: ReceiveQueue;
  readonly #clock: Clock;
  readonly #onDecision: (pieces: boolean) => void;
  readonly #onDropped: (messages: number, bytes: number) => void;
  #waiting: Waiting[] = [];
  #pieces: boolean | undefined;
  #info: CloseInfo | undefined;
  #left = false;
  #closing = false;
  /** Whether something was dropped of what came while closing: then all that follows is. */
  #overflown = false;

  constructor(
    queue: ReceiveQueue,
    clock: Clock,
    onDecision: (pieces: boolean) => void,
    onDropped: (messages: number, bytes: number) => void,
  ) {
    this.#queue = queue;
    this.#clock = clock;
    this.#onDecision = onDecision;
    this.#onDropped = onDropped;
  }

  /** A message or piece came. */
  push(item: Received): void {
    this.#overflown ||= this.#closing && this.#queue.full && this.#queue.size >= MAX_LATE;
    const taker = this.#overflown ? undefined : this.#takerOf(item);
    if (taker !== undefined) {
      taker.resolve(valueOf(item, taker.pieces));
    } else if (this.#left || this.#overflown) {
      this.#onDropped(item.piece?.last === false ? 0 : 1, byteLength(item.data));
    } else {
      this.#queue.push(item);
    }
  }

  /** Who waits for it; those before who cannot take it are told so. Who waits finds the queue empty. */
  #takerOf(item: Received): Waiting | undefined {
    let [first] = this.#waiting;
    while (first !== undefined && !fits(item, first)) {
      first.reject(inPieces());
      [first] = this.#waiting;
    }
    return first;
  }

  /** Gives the next message or piece; undefined when the connection ended cleanly. */
  receive(given: object | undefined): Promise<Message | PulledPiece | undefined> {
    const options = resolveOptions<PullOptions>(given, rules, defaults, 'receive');
    const result = this.#receive(options);
    // A forgotten promise is silent.
    result.catch(() => {});
    return result;
  }

  /** The iteration was left: what waits and what still comes is dropped and counted. */
  leave(): void {
    this.#left = true;
    const { messages, bytes } = this.#queue.clear();
    this.#onDropped(messages, bytes);
  }

  /**
   * A Close was asked for: the peer's must be seen even when nobody pulls any more, so it is not
   * held back by a full queue.
   */
  close(): void {
    this.#closing = true;
  }

  /** Nothing more comes. */
  end(info: CloseInfo): void {
    this.#info = info;
    if (!this.#queue.empty) return;
    for (const waiting of this.#waiting.slice()) settleEnd(info, waiting);
  }

  async #receive(options: PullOptions): Promise<Message | PulledPiece | undefined> {
    options.signal?.throwIfAborted();
    if (this.#pieces !== options.pieces) {
      this.#pieces = options.pieces;
      this.#onDecision(options.pieces);
    }
    const { head } = this.#queue;
    if (head !== undefined && this.#waiting.length === 0) {
      if (!fits(head, options)) throw inPieces();
      const item = this.#queue.shift() ?? head;
      return valueOf(item, options.pieces);
    }
    return this.#wait(options);
  }

  #wait({ timeout, signal, pieces }: PullOptions): Promise<Message | PulledPiece | undefined> {
    return new Promise((resolve, reject) => {
      const onTimeout = (): void =>
        waiting.reject(new TimeoutError(`no message came within ${timeout} ms`));
      const onAbort = (): void => waiting.reject(signal?.reason);
      const deadline = this.#clock.after(timeout, onTimeout);
      const done = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        deadline.cancel();
        signal?.removeEventListener('abort', onAbort);
      };
      const waiting: Waiting = {
        pieces,
        resolve: (value) => (done(), resolve(value)),
        reject: (error) => (done(), reject(error)),
      };
      this.#waiting.push(waiting);
      signal?.addEventListener('abort', onAbort);
      if (this.#info !== undefined) settleEnd(this.#info, waiting);
    });
  }
}

function fits({ piece }: Received, { pieces }: { readonly pieces: boolean }): boolean {
  return pieces || piece === undefined;
}

/** A whole message is its own only piece. */
function valueOf({ data, piece }: Received, pieces: boolean): Message | PulledPiece {
  if (!pieces) return data;
  if (typeof data === 'string') return { ...whole, bytes: encoder.encode(data), type: 'text' };
  return piece === undefined
    ? { ...whole, bytes: data, type: 'binary' }
    : { ...piece, bytes: data };
}

const whole = { first: true, last: true, remaining: 0 } as const;

function settleEnd(info: CloseInfo, waiting: Waiting): void {
  if (info.wasClean) waiting.resolve(undefined);
  else waiting.reject(new ConnectionClosedError(info));
}

function inPieces(): TypeError {
  return new TypeError('a message is being received in pieces: pull it with { pieces: true }');
}

function abortSignal(value: unknown, name: string): AbortSignal {
  if (value instanceof AbortSignal) return value;
  throw wrongType(name, 'an AbortSignal', value);
}
