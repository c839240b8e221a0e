import type { FrameBits, Message, Piece } from '../handler.ts';
import { byteLength } from '../sending/payload.ts';

/** A message or piece that waits for the application. */
export interface Received {
  readonly data: Message;
  readonly bits: FrameBits | undefined;
  readonly piece: Piece | undefined;
}

/** Holds the peer back while the queue is full. */
export interface Flow {
  hold(): void;
  release(): void;
}

/** What a waiting message costs beside its content, so that empty ones do not come for free. */
const OVERHEAD = 32;

/** Messages that came faster than the application takes them; a full queue holds the peer back. */
export class ReceiveQueue {
  readonly #limit: number;
  readonly #flow: Flow;
  #items: Received[] = [];
  #first = 0;
  #size = 0;
  #holding = false;

  constructor(limit: number, flow: Flow) {
    this.#limit = limit;
    this.#flow = flow;
  }

  get empty(): boolean {
    return this.#first === this.#items.length;
  }

  /** Whether the peer is held back. */
  get full(): boolean {
    return this.#holding;
  }

  /** What waits, in bytes and what a message costs beside them. */
  get size(): number {
    return this.#size;
  }

  /** The next message, left in its place. */
  get head(): Received | undefined {
    return this.#items[this.#first];
  }

  push(item: Received): void {
    this.#items.push(item);
    this.#size += item.data.length + OVERHEAD;
    if (this.#holding || this.#size < this.#limit) return;
    this.#holding = true;
    this.#flow.hold();
  }

  /** Takes the next message; may let go of the peer before it returns. */
  shift(): Received | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    this.#first++;
    this.#size -= item.data.length + OVERHEAD;
    if (this.empty || this.#first >= 1024) this.#compact();
    this.#check();
    return item;
  }

  /** Drops all that waits; gives how many messages and bytes that was. */
  clear(): { readonly messages: number; readonly bytes: number } {
    const dropped = this.#items.slice(this.#first);
    const bytes = dropped.reduce((sum, { data }) => sum + byteLength(data), 0);
    const messages = dropped.filter(({ piece }) => piece?.last !== false).length;
    this.#items = [];
    this.#first = 0;
    this.#size = 0;
    this.#check();
    return { messages, bytes };
  }

  #compact(): void {
    this.#items = this.empty ? [] : this.#items.slice(this.#first);
    this.#first = 0;
  }

  #check(): void {
    if (!this.#holding || (this.#size >= this.#limit && !this.empty)) return;
    this.#holding = false;
    this.#flow.release();
  }
}
