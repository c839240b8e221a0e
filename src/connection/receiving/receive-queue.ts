import { Fifo } from '../../protocol/frame/fifo.ts';
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
  /** Something that waited was taken or dropped. */
  onTaken(): void;
}

/** What a waiting message costs beside its content, in bytes: 80 were measured, for bytes 250 to 330. */
const TEXT_OVERHEAD = 80;
const BYTES_OVERHEAD = 300;

/** A peer that may no longer be held back, because its Close is awaited, fills no more than this. */
export const MAX_LATE = 16 * 1024 * 1024;

/** Messages that came faster than the application takes them; a full queue holds the peer back. */
export class ReceiveQueue {
  #limit: number;
  readonly #flow: Flow;
  #items: Fifo<Received> | undefined;
  #size = 0;
  #holding = false;

  constructor(limit: number, flow: Flow) {
    this.#limit = limit;
    this.#flow = flow;
  }

  get empty(): boolean {
    return this.#items === undefined || this.#items.length === 0;
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
    return this.#items?.head;
  }

  push(item: Received): void {
    (this.#items ??= new Fifo()).push(item);
    this.#size += costOf(item.data);
    if (this.#holding || this.#size < this.#limit) return;
    this.#holding = true;
    this.#flow.hold();
  }

  /** Lets more wait from now on; may let go of the peer. */
  raise(limit: number): void {
    this.#limit = Math.max(this.#limit, limit);
    this.#check();
  }

  /** Takes the next message; may let go of the peer before it returns. */
  shift(): Received | undefined {
    const item = this.#items?.shift();
    if (item === undefined) return undefined;
    this.#size -= costOf(item.data);
    this.#flow.onTaken();
    this.#check();
    return item;
  }

  /** Drops all that waits; gives how many messages and bytes that was. */
  clear(): { readonly messages: number; readonly bytes: number } {
    let messages = 0;
    let bytes = 0;
    for (let item = this.#items?.shift(); item !== undefined; item = this.#items?.shift()) {
      bytes += byteLength(item.data);
      if (item.piece?.last !== false) messages++;
    }
    this.#size = 0;
    this.#flow.onTaken();
    this.#check();
    return { messages, bytes };
  }

  #check(): void {
    if (!this.#holding || (this.#size >= this.#limit && !this.empty)) return;
    this.#holding = false;
    this.#flow.release();
  }
}

function costOf(data: Message): number {
  return data.length + (typeof data === 'string' ? TEXT_OVERHEAD : BYTES_OVERHEAD);
}
