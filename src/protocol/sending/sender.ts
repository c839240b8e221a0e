import { utf8Length } from '#platform';

import { CloseCode } from '../closing/close-code.ts';
import { type Close, cutReason, writeClose } from '../closing/close-frame.ts';
import { WebSocketError } from '../errors.ts';
import type { PermessageDeflate } from '../extension/permessage-deflate.ts';
import type { ProtocolHandler } from '../handler.ts';
import { Opcode } from '../opcode.ts';
import type { ResolvedProtocolOptions } from '../options.ts';
import { FragmentedMessage } from './fragments.ts';
import { FrameWriter } from './frame-writer.ts';
import { Outbox, type OutboxOwner } from './outbox.ts';
import type { SharedMessage } from './shared-message.ts';

/** How one message or fragment is sent. */
export interface SendOptions {
  /** Whether to compress it, where that was negotiated. Default: by its size. */
  readonly compress?: boolean | undefined;
  /** Given: a fragment, and whether it is the last of its message. */
  readonly fin?: boolean | undefined;
}

/** The turn to send one message in fragments; what is sent otherwise waits until it is over. */
export interface FragmentSender {
  /** Sends the next fragment; `fin` ends the message and the turn. */
  send(piece: Uint8Array | string, fin: boolean): void;
  /** Gives the turn back; allowed while nothing was sent. */
  cancel(): void;
}

/** What the sending half cannot settle alone. */
export interface SenderOwner {
  /** A Close was written. */
  onCloseSent(close: Close): void;
}

const MAX_CONTROL_PAYLOAD = 125;
/** A Close without a payload (RFC 6455 §7.1.5). */
const emptyClose: Close = { code: CloseCode.NoStatus, reason: '' };

/** The sending half of one end: messages, fragments and control frames become frames, in order. */
export class Sender implements OutboxOwner {
  readonly #handler: ProtocolHandler;
  readonly #owner: SenderOwner;
  readonly #writer: FrameWriter;
  /** Undefined while nothing can have to wait: most connections never need one. */
  #outbox: Outbox | undefined;
  readonly #deflate: PermessageDeflate | undefined;
  #unfinished: FragmentedMessage | undefined;
  #waitingPong: Uint8Array | undefined;
  #close = emptyClose;

  constructor(
    options: ResolvedProtocolOptions,
    handler: ProtocolHandler,
    deflate: PermessageDeflate | undefined,
    owner: SenderOwner,
  ) {
    const keys = options.role === 'client' ? options.nextMaskingKey : undefined;
    this.#handler = handler;
    this.#owner = owner;
    this.#deflate = deflate;
    this.#writer = new FrameWriter(handler, keys, options.maxFragmentSize);
    if (deflate === undefined) return;
    const kind = options.deflate?.contextTakeover === false ? options.deflate : undefined;
    this.#outbox = new Outbox(this.#writer, deflate, this, kind);
  }

  /** Bytes accepted and not yet written: what waits for compression or behind fragments. */
  get bufferedAmount(): number {
    return this.#outbox?.bufferedAmount ?? 0;
  }

  /** Of these, bytes that wait for a message in fragments to end. */
  get bufferedBehind(): number {
    return this.#outbox?.bufferedBehind ?? 0;
  }

  /** Bytes accepted that were dropped before they were written. */
  get droppedAmount(): number {
    return this.#outbox?.droppedAmount ?? 0;
  }

  /** Whether a Close was sent or waits behind messages: nothing more may be sent. */
  get closing(): boolean {
    return this.#outbox?.closing === true;
  }

  /** Whether a Close waits for compression alone, not for a message in fragments. */
  get closesSoon(): boolean {
    return this.#outbox?.closesSoon === true;
  }

  /** Whether a message for many leaves at once, in the frame that all share. */
  get sharesFrames(): boolean {
    return this.#outbox === undefined && this.#unfinished === undefined && this.#writer.keepsFrames;
  }

  /** Sends a message, or with `fin` given a fragment of one. */
  send(payload: Uint8Array | string, { compress, fin }: SendOptions = {}): void {
    if (fin === undefined && this.#unfinished === undefined) {
      const opcode = typeof payload === 'string' ? Opcode.Text : Opcode.Binary;
      return this.#post(opcode, payload, true, this.#compresses(payload, compress));
    }
    if (fin === undefined) {
      throw new WebSocketError('ERR_MESSAGE_UNFINISHED', 'a message in fragments is unfinished');
    }
    const type = typeof payload === 'string' ? Opcode.Text : Opcode.Binary;
    const message = this.#unfinished ?? this.#fragmented(type, compress);
    message.check(payload);
    this.#unfinished = fin ? undefined : message;
    const piece = message.payload(payload, fin);
    this.#post(message.nextOpcode(), piece, fin, message.compress);
    if (fin) this.#outbox?.release();
  }

  /** Sends a message that others send as well; it waits for a message in fragments to end. */
  share(message: SharedMessage): void {
    const compress =
      this.#deflate !== undefined && (message.compress ?? this.#deflate.wants(message.length));
    if (this.#unfinished !== undefined) this.#order().hold(message, compress);
    else if (this.#outbox !== undefined) this.#outbox.share(message, compress);
    else this.#writer.shared(message.plain);
  }

  /** Asks for the turn to send one message in fragments; other messages wait until its end. */
  fragments(
    type: 'text' | 'binary',
    compress: boolean | undefined,
    onTurn: (sender: FragmentSender) => void,
  ): void {
    if (this.#unfinished !== undefined) {
      throw new WebSocketError('ERR_MESSAGE_UNFINISHED', 'a message in fragments is unfinished');
    }
    const message = this.#fragmented(type === 'text' ? Opcode.Text : Opcode.Binary, compress);
    const outbox = this.#order();
    const send = (piece: Uint8Array | string, fin: boolean): void => {
      const payload = message.payload(piece, fin);
      outbox.sendInTurn(message.nextOpcode(), payload, fin, message.compress);
      if (fin) outbox.finishTurn();
    };
    outbox.takeTurn(() => onTurn({ send, cancel: () => outbox.finishTurn() }));
  }

  /** Sends a Ping of at most 125 bytes (RFC 6455 §5.5.2); it may overtake messages. */
  ping(payload: Uint8Array): void {
    if (payload.length > MAX_CONTROL_PAYLOAD) {
      throw new RangeError(`a ping carries at most 125 bytes, but these are ${payload.length}`);
    }
    this.#writer.frame(Opcode.Ping, payload);
  }

  /** Answers a Ping; while the transport is blocked only the latest answer waits (RFC 6455 §5.5.3). */
  pong(payload: Uint8Array): void {
    if (this.#handler.blocked === true) this.#waitingPong = new Uint8Array(payload);
    else this.#writer.frame(Opcode.Pong, payload);
  }

  /** The transport takes bytes again: a Pong that waited goes. */
  unblocked(): void {
    const payload = this.#waitingPong;
    if (payload === undefined) return;
    this.#waitingPong = undefined;
    this.#writer.frame(Opcode.Pong, payload);
  }

  /** Sends a Close behind the messages; one that fails the connection waits for no fragments. */
  close(code: number | undefined, reason: string, failing: boolean): void {
    const payload = writeClose(code, reason);
    this.#close = code === undefined ? emptyClose : { code, reason: cutReason(reason) };
    if (failing) this.#waitingPong = undefined;
    if (failing) this.#order().fail(payload);
    else this.#order().close(payload);
  }

  /** The compression job is done. */
  onDeflated(payload: Uint8Array): void {
    this.#outbox?.onDeflated(payload);
  }

  /** The turn of the Close has come. */
  onClose(payload: Uint8Array | string): void {
    this.#writer.frame(Opcode.Close, payload);
    this.#owner.onCloseSent(this.#close);
  }

  /** Drops all that waits. */
  drop(): void {
    this.#outbox?.drop();
    this.#waitingPong = undefined;
  }

  /** What keeps the order from now on. */
  #order(): Outbox {
    return (this.#outbox ??= new Outbox(this.#writer, this.#deflate, this));
  }

  #post(opcode: number, payload: Uint8Array | string, fin: boolean, compress: boolean): void {
    if (this.#outbox === undefined) this.#writer.message(opcode, payload, fin, 0);
    else this.#outbox.send(opcode, payload, fin, compress);
  }

  #fragmented(type: number, compress: boolean | undefined): FragmentedMessage {
    return new FragmentedMessage(type, this.#deflate !== undefined && compress !== false);
  }

  #compresses(payload: Uint8Array | string, compress: boolean | undefined): boolean {
    if (this.#deflate === undefined) return false;
    const length = typeof payload === 'string' ? utf8Length(payload) : payload.length;
    return compress ?? this.#deflate.wants(length);
  }
}
