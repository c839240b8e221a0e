import { utf8Length } from '#platform';

import type { PermessageDeflate } from '../extension/permessage-deflate.ts';
import type { DeflateKind } from '../extension/shared-deflate.ts';
import { Fifo } from '../frame/fifo.ts';
import { Opcode } from '../opcode.ts';
import { encodeUtf8, type FrameWriter } from './frame-writer.ts';
import type { Parcel } from './parcel.ts';
import type { SharedFrame, SharedMessage } from './shared-message.ts';

/** Who writes the Close, when all that was sent before it is on its way. */
export interface OutboxOwner {
  onClose(payload: Parcel['payload']): void;
}

/** A turn to send one message in fragments: called when everything before it is on its way. */
type Turn = () => void;

const RSV1 = 4;

/**
 * Keeps the order of what is sent: while a message is being compressed, or one is being sent in
 * fragments, later ones wait here. Pings and pongs do not pass through it and so may overtake.
 */
export class Outbox {
  readonly #writer: FrameWriter;
  readonly #deflate: PermessageDeflate | undefined;
  /** What messages for many are compressed by; undefined where this connection's own window counts. */
  readonly #kind: DeflateKind | undefined;
  readonly #owner: OutboxOwner;
  /** Waits for the compression job. */
  #queue: Fifo<Parcel> | undefined;
  /** Waits for the message in fragments to end. */
  #behind: Fifo<Parcel | Turn> | undefined;
  /** Messages for many that wait for the message begun by `send` to end. */
  #held: Parcel[] | undefined;
  #job: Parcel | undefined;
  #exclusive = false;
  /** Bytes that wait here; what waits for compression counts uncompressed. */
  bufferedAmount = 0;
  /** Of these, bytes that wait for the message in fragments to end. */
  bufferedBehind = 0;
  /** Bytes that were dropped while they waited here. */
  droppedAmount = 0;
  /** Whether a Close has been posted; it may still wait here. */
  closing = false;

  constructor(
    writer: FrameWriter,
    deflate: PermessageDeflate | undefined,
    owner: OutboxOwner,
    kind?: DeflateKind,
  ) {
    this.#writer = writer;
    this.#deflate = deflate;
    this.#owner = owner;
    this.#kind = kind;
  }

  /** Whether a Close waits for compression alone: a message in fragments may never end. */
  get closesSoon(): boolean {
    return this.closing && !this.#exclusive && !this.#isIdle();
  }

  /** Sends a message or fragment behind all that was sent before. */
  send(opcode: number, payload: Uint8Array | string, fin: boolean, compress: boolean): void {
    if (!compress && this.#isIdle() && !this.#exclusive) {
      return this.#writer.message(opcode, payload, fin, 0);
    }
    this.#post(this.#parcel(opcode, payload, fin, compress));
  }

  /** Sends a message that others send as well, behind all that was sent before. */
  share(message: SharedMessage, compress: boolean): void {
    if (!compress && this.#isIdle() && !this.#exclusive) return this.#writer.shared(message.plain);
    this.#post(this.#sharedParcel(message, compress));
  }

  /** As `share`, behind a message in fragments as well: `release` tells when that has ended. */
  hold(message: SharedMessage, compress: boolean): void {
    (this.#held ??= []).push(this.#sharedParcel(message, compress));
    this.bufferedBehind += message.length;
  }

  /** The message in fragments that was begun by `send` is over. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const parcel of held ?? []) {
      this.bufferedBehind -= parcel.length;
      this.#post(parcel);
    }
  }

  /** Sends a fragment of the message whose turn it is; a turn ends when all that waits is dropped. */
  sendInTurn(opcode: number, payload: Uint8Array | string, fin: boolean, compress: boolean): void {
    if (!this.#exclusive) return;
    this.#dispatch(this.#parcel(opcode, payload, fin, compress));
  }

  /** Asks for the turn to send one message in fragments; `finishTurn` must follow. */
  takeTurn(turn: Turn): void {
    if (this.#exclusive) return (this.#behind ??= new Fifo()).push(turn);
    this.#exclusive = true;
    turn();
  }

  /** The message in fragments is over: what waited behind it goes on its way. */
  finishTurn(): void {
    this.#exclusive = false;
    while (!this.#exclusive) {
      const next = this.#behind?.shift();
      if (next === undefined) return;
      if (typeof next === 'function') this.takeTurn(next);
      else this.#advance(next);
    }
  }

  /** Sends a Close behind all that was sent before; nothing may be sent after it. */
  close(payload: Uint8Array): void {
    this.closing = true;
    this.#post(this.#parcel(Opcode.Close, payload, true, false));
  }

  /**
   * Sends the Close of a connection that fails behind what is on its way, but not behind a message
   * in fragments, which may never end. Where a Close waits already, nothing is waited for.
   */
  fail(payload: Uint8Array): void {
    if (this.closing) this.drop();
    this.#dropBehind();
    this.closing = true;
    this.#dispatch(this.#parcel(Opcode.Close, payload, true, false));
  }

  /** Drops all that waits here. */
  drop(): void {
    this.#dropBehind();
    this.#queue = undefined;
    this.#job = undefined;
    this.droppedAmount += this.bufferedAmount;
    this.bufferedAmount = 0;
  }

  /** The compression job is done; what waited for it goes on its way. */
  onDeflated(payload: Uint8Array): void {
    const job = this.#job;
    if (job === undefined) return;
    this.#writeDeflated(job, payload);
    this.#goOn();
  }

  #onShared(parcel: Parcel, frame: SharedFrame): void {
    // It may have been dropped meanwhile.
    if (this.#job !== parcel) return;
    this.#jobDone(parcel);
    this.#writer.shared(frame);
    this.#goOn();
  }

  #jobDone({ length }: Parcel): void {
    this.#job = undefined;
    this.bufferedAmount -= length;
  }

  #goOn(): void {
    while (this.#job === undefined) {
      const next = this.#queue?.shift();
      if (next === undefined) return;
      this.#process(next);
    }
  }

  #dropBehind(): void {
    this.#behind = undefined;
    this.#held = undefined;
    this.#exclusive = false;
    this.droppedAmount += this.bufferedBehind;
    this.bufferedAmount -= this.bufferedBehind;
    this.bufferedBehind = 0;
  }

  #isIdle(): boolean {
    return this.#job === undefined && (this.#queue === undefined || this.#queue.length === 0);
  }

  /** Counts what may have to wait and copies bytes, which the caller may change after `send`. */
  #parcel(opcode: number, payload: Uint8Array | string, fin: boolean, compress: boolean): Parcel {
    const own = typeof payload === 'string' ? payload : new Uint8Array(payload);
    const length = typeof payload === 'string' ? utf8Length(payload) : payload.length;
    this.bufferedAmount += length;
    return { opcode, payload: own, fin, compress, length, shared: undefined };
  }

  /** Nothing is copied: a message for many does not change. */
  #sharedParcel(shared: SharedMessage, compress: boolean): Parcel {
    const { opcode, payload } = shared.plain;
    this.bufferedAmount += shared.length;
    return { opcode, payload, fin: true, compress, length: shared.length, shared };
  }

  #post(parcel: Parcel): void {
    if (!this.#exclusive) return this.#dispatch(parcel);
    (this.#behind ??= new Fifo()).push(parcel);
    this.bufferedBehind += parcel.length;
  }

  #advance(parcel: Parcel): void {
    this.bufferedBehind -= parcel.length;
    this.#dispatch(parcel);
  }

  #dispatch(parcel: Parcel): void {
    if (this.#isIdle()) this.#process(parcel);
    else (this.#queue ??= new Fifo()).push(parcel);
  }

  #process(parcel: Parcel): void {
    const { opcode, payload, fin, compress, length, shared } = parcel;
    if (compress && this.#deflate !== undefined) {
      if (shared !== undefined && this.#kind !== undefined) {
        return this.#processShared(parcel, shared, this.#kind);
      }
      const bytes = typeof payload === 'string' ? encodeUtf8(payload) : payload;
      const deflated = this.#deflate.deflateNow(bytes, fin);
      if (deflated !== undefined) return this.#writeDeflated(parcel, deflated);
      this.#job = parcel;
      return this.#deflate.deflate(bytes, fin);
    }
    this.bufferedAmount -= length;
    if (shared !== undefined) return this.#writer.shared(shared.plain);
    if (opcode !== Opcode.Close) return this.#writer.message(opcode, payload, fin, 0);
    this.drop();
    this.#owner.onClose(payload);
  }

  #processShared(parcel: Parcel, shared: SharedMessage, kind: DeflateKind): void {
    this.#job = parcel;
    const frame = shared.deflated(kind, (made) => this.#onShared(parcel, made));
    if (frame === undefined) return;
    this.#jobDone(parcel);
    this.#writer.shared(frame);
  }

  #writeDeflated(parcel: Parcel, payload: Uint8Array): void {
    const { opcode, fin } = parcel;
    this.#jobDone(parcel);
    this.#writer.message(opcode, payload, fin, opcode === Opcode.Continuation ? 0 : RSV1);
  }
}
