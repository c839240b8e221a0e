import { CloseCode } from './closing/close-code.ts';
import type { Close } from './closing/close-frame.ts';
import { afterClose, type ClosingState } from './closing/closing.ts';
import { ProtocolError } from './errors.ts';
import { PermessageDeflate } from './extension/permessage-deflate.ts';
import type { ProtocolHandler } from './handler.ts';
import { type ProtocolOptions, resolveProtocolOptions } from './options.ts';
import { Receiver, type ReceiverOwner } from './receiving/receiver.ts';
import { type FragmentSender, Sender, type SendOptions } from './sending/sender.ts';
import type { SharedMessage } from './sending/shared-message.ts';

/** How a connection ends without a closing handshake (RFC 6455 §7.1.5). */
const abnormal: Close = { code: CloseCode.Abnormal, reason: '' };

/**
 * One end of a WebSocket connection, without I/O: feed it bytes, and it calls its handler. It owns
 * the closing handshake; receiving and sending are its two halves.
 */
export class Protocol {
  readonly #handler: ProtocolHandler;
  readonly #deflate: PermessageDeflate | undefined;
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  #state: ClosingState = 'open';
  /** Whether this side fails the connection; its Close may still wait behind messages. */
  #failing = false;
  #over = false;

  constructor(options: ProtocolOptions, handler: ProtocolHandler) {
    const resolved = resolveProtocolOptions(options);
    this.#handler = handler;
    this.#deflate = this.#createDeflate(resolved);
    const owner = new Protocol.#Owner(this, resolved.echoClose);
    this.#sender = new Sender(resolved, handler, this.#deflate, owner);
    this.#receiver = new Receiver(resolved, handler, owner, this.#deflate);
  }

  /** Where the closing handshake stands; a Close that still waits behind messages counts as sent. */
  get state(): ClosingState {
    return this.#state === 'open' && this.#sender.closing ? 'close-sent' : this.#state;
  }

  /** Bytes of messages accepted and not yet written. */
  get bufferedAmount(): number {
    return this.#sender.bufferedAmount;
  }

  /** Of these, bytes that wait for a message in fragments to end. */
  get bufferedBehind(): number {
    return this.#sender.bufferedBehind;
  }

  /** Bytes of messages accepted that were dropped before they were written. */
  get droppedAmount(): number {
    return this.#sender.droppedAmount;
  }

  /** Whether a frame has begun and not ended. */
  get midFrame(): boolean {
    return this.#receiver.midFrame;
  }

  /** Whether a frame or a message has begun and not ended. */
  get midMessage(): boolean {
    return this.#receiver.midMessage;
  }

  /** Whether a message for many leaves at once, in the frame that all share. */
  get sharesFrames(): boolean {
    return this.#sender.sharesFrames;
  }

  /** Whether bytes that were taken wait, because the protocol is suspended or inflates. */
  get busy(): boolean {
    return this.#receiver.busy;
  }

  /** Bytes of memory that hold what was taken and not handed on. */
  get heldAmount(): number {
    return this.#receiver.heldAmount;
  }

  /** Takes bytes, unmasks them in place, never throws for them; borrowed ones for the call only. */
  receive(chunk: Uint8Array, borrowed = false): void {
    this.#receiver.receive(chunk, borrowed);
  }

  /**
   * The transport is at its end. What came before is still received, after `resume` if need be;
   * without a closing handshake it is an abnormal closure (RFC 6455 §7.1.5).
   */
  receiveEnd(): void {
    this.#receiver.receiveEnd();
  }

  /** Decides, where that was left open, whether messages are handed on in pieces from now on. */
  decide(pieces: boolean): void {
    this.#receiver.decide(pieces);
  }

  /** Sends a message or fragment; false once the closing handshake has started. */
  send(message: string | Uint8Array, options?: SendOptions): boolean {
    if (!this.#maySend()) return false;
    this.#sender.send(message, options);
    return true;
  }

  /** Sends a message that others send as well; nothing once the closing handshake has started. */
  share(message: SharedMessage): void {
    if (this.#maySend()) this.#sender.share(message);
  }

  /** Asks for the turn to send one message in fragments; false once the closing handshake started. */
  fragments(
    type: 'text' | 'binary',
    compress: boolean | undefined,
    onTurn: (sender: FragmentSender) => void,
  ): boolean {
    if (!this.#maySend()) return false;
    this.#sender.fragments(type, compress, onTurn);
    return true;
  }

  /** Sends a Ping of at most 125 bytes, also past a Close that waits; false once one has passed. */
  ping(payload: Uint8Array): boolean {
    if (this.#state !== 'open' || this.#failing) return false;
    this.#sender.ping(payload);
    return true;
  }

  /** Starts the closing handshake behind what was sent, or answers the peer's (RFC 6455 §7.1.2). */
  close(code?: number, reason = ''): void {
    if (this.#sender.closing || this.#state === 'closed') return;
    this.#sender.close(code, reason, false);
  }

  /**
   * Fails the connection from this side: a limit, a policy, a broken handler (RFC 6455 §7.1.7).
   * Nothing more is received; what was sent before still leaves, and the Close behind it.
   */
  fail(code: number, reason = ''): void {
    if (this.#state === 'closed' || this.#failing) return;
    this.#failing = true;
    this.#receiver.stop();
    if (this.#state === 'close-sent') this.#end(abnormal);
    else this.#sender.close(code, reason, true);
  }

  /** Drops everything without a Close; the handler hears nothing more. */
  terminate(): void {
    this.#state = 'closed';
    this.#over = true;
    this.#drop();
    this.#receiver.terminate();
  }

  /** Calls the handler no more for what arrives, until `resume`; nothing is lost. */
  suspend(): void {
    if (!this.#over) this.#receiver.suspend();
  }

  /** Goes on where `suspend` stopped. */
  resume(): void {
    this.#receiver.resume();
  }

  /** The transport takes bytes again after it was blocked. */
  unblocked(): void {
    this.#sender.unblocked();
  }

  #maySend(): boolean {
    return this.#state === 'open' && !this.#sender.closing;
  }

  #createDeflate({ deflate }: ProtocolOptions): PermessageDeflate | undefined {
    if (deflate === undefined) return undefined;
    return new PermessageDeflate(deflate, deflate, {
      onDeflated: (payload) => this.#sender.onDeflated(payload),
      onInflated: (bytes) => this.#receiver.onInflated(bytes),
      onInflateDone: (error) => this.#receiver.onInflateDone(error),
    });
  }

  /** What the two halves tell: one object, where closures took 480 bytes of every connection. */
  static readonly #Owner = class implements ReceiverOwner {
    readonly #protocol: Protocol;
    readonly #echoClose: boolean;
    #received = abnormal;

    constructor(protocol: Protocol, echoClose: boolean) {
      this.#protocol = protocol;
      this.#echoClose = echoClose;
    }

    /** A Ping is answered until the peer's Close has come, even behind our own (RFC 6455 §5.5.2). */
    onPing(bytes: Uint8Array, start: number, end: number): void {
      this.#protocol.#sender.pong(bytes.subarray(start, end));
      this.#protocol.#handler.onPing(bytes, start, end);
    }

    onClose(close: Close): void {
      const protocol = this.#protocol;
      this.#received = close;
      protocol.#state = afterClose(protocol.#state, 'receive');
      protocol.#handler.onClose?.(close.code, close.reason);
      if (protocol.#state === 'closed') return protocol.#end(close);
      if (!this.#echoClose) return;
      protocol.close(close.code === CloseCode.NoStatus ? undefined : close.code, close.reason);
    }

    onCloseSent({ code, reason }: Close): void {
      const protocol = this.#protocol;
      protocol.#state = afterClose(protocol.#state, 'send');
      protocol.#handler.onCloseSent?.(code, reason);
      if (protocol.#state === 'closed') protocol.#end(this.#received);
      else if (protocol.#failing) protocol.#end(abnormal);
    }

    onViolation(error: ProtocolError): void {
      this.#protocol.#handler.onViolation(error);
      this.#protocol.fail(error.closeCode, error.message);
    }

    onTransportEnd(midFrame: boolean): void {
      const protocol = this.#protocol;
      const answers = protocol.#state === 'close-received' && protocol.#sender.closesSoon;
      // The peer ended its direction only: a Close that waits for compression may still reach it.
      if (protocol.#failing || answers || protocol.#state === 'closed') return;
      protocol.#state = 'closed';
      if (midFrame) protocol.#handler.onViolation(new ProtocolError('INCOMPLETE_FRAME'));
      protocol.#end(abnormal);
    }
  };

  /** Nothing more passes in either direction; told once, whatever the handler did meanwhile. */
  #end({ code, reason }: Close): void {
    if (this.#over) return;
    this.#over = true;
    this.#state = 'closed';
    this.#drop();
    this.#handler.onEnd(code, reason);
  }

  #drop(): void {
    this.#receiver.stop();
    this.#deflate?.close();
    this.#sender.drop();
  }
}
