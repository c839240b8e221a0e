import { decodeUtf8, decodeUtf8Loosely } from '#platform';

import { type Close, readClose } from '../closing/close-frame.ts';
import { ProtocolError } from '../errors.ts';
import type { PermessageDeflate } from '../extension/permessage-deflate.ts';
import { FrameDecoder } from '../frame/decoder.ts';
import type { ProtocolHandler } from '../handler.ts';
import { Opcode } from '../opcode.ts';
import type { ResolvedProtocolOptions } from '../options.ts';
import { MessageAssembler } from './assembler.ts';
import type { MessageHeader, MessageSink } from './message-sink.ts';

/** What the receiving half cannot settle alone. */
export interface ReceiverOwner {
  /** A Ping came: it must be answered. */
  onPing(bytes: Uint8Array, start: number, end: number): void;
  /** The peer's Close came; nothing more is received after it. */
  onClose(close: Close): void;
  /** The peer broke a rule; nothing more is received after it. */
  onViolation(error: ProtocolError): void;
  /** The transport ended and all that came before was received. */
  onTransportEnd(midFrame: boolean): void;
}

const nothing = new Uint8Array(0);

/** The receiving half of one end: bytes become messages, control frames and violations. */
export class Receiver implements MessageSink {
  readonly #handler: ProtocolHandler;
  readonly #owner: ReceiverOwner;
  readonly #deflate: PermessageDeflate | undefined;
  readonly #assembler: MessageAssembler;
  readonly #decoder: FrameDecoder;
  readonly #validateUtf8: boolean;
  readonly #maxWholeSize: number;
  #held = false;
  #oversized = false;
  #ended = false;
  #inflating = false;
  #inflatesLast = false;
  /** Whether something waited that is still to be reported as decoded. */
  #waited = false;

  constructor(
    options: ResolvedProtocolOptions,
    handler: ProtocolHandler,
    owner: ReceiverOwner,
    deflate: PermessageDeflate | undefined,
  ) {
    this.#handler = handler;
    this.#owner = owner;
    this.#deflate = deflate;
    this.#validateUtf8 = options.validateUtf8;
    this.#maxWholeSize = options.maxWholeSize;
    this.#assembler = new MessageAssembler(this, options, deflate !== undefined);
    this.#decoder = new FrameDecoder(options.headerRules, this.#assembler);
  }

  /** Whether a frame has begun and not ended. */
  get midFrame(): boolean {
    return this.#decoder.midFrame;
  }

  /** Whether a frame or a message has begun and not ended. */
  get midMessage(): boolean {
    return this.#decoder.midFrame || this.#assembler.midMessage;
  }

  /** Whether bytes that were taken wait, because the receiver is suspended or inflates. */
  get busy(): boolean {
    return this.#held || this.#inflating || this.#oversized;
  }

  /** Bytes of memory that hold what was taken and not handed on. */
  get heldAmount(): number {
    return this.#decoder.heldAmount + this.#assembler.heldAmount;
  }

  /** Takes bytes off the network, which it unmasks in place; borrowed ones for the call only. */
  receive(chunk: Uint8Array, borrowed = false): void {
    this.#deflate?.startChunk();
    this.#guard(() => {
      this.#decoder.decode(chunk, borrowed);
      this.#settle();
    });
  }

  /** Receives nothing more, also of what is being inflated (RFC 6455 §1.4, §7.1.7). */
  stop(): void {
    this.#deflate?.dropInflation();
    this.#inflating = false;
    this.#decoder.stop();
    this.#assembler.drop();
  }

  /** As `stop`, and it does not even tell that nothing waits any more. */
  terminate(): void {
    this.stop();
    this.#waited = this.#held = this.#oversized = false;
  }

  /** Calls the handler no more until `resume`; what is taken meanwhile is kept. */
  suspend(): void {
    this.#held = true;
    this.#wait();
  }

  /** Goes on where `suspend` stopped. */
  resume(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#guard(() => this.#continue());
  }

  /** Decides whether messages are handed on in pieces from now on. */
  decide(pieces: boolean): void {
    this.#guard(() => {
      this.#oversized = false;
      this.#assembler.decide(pieces);
      this.#continue();
    });
  }

  /** The transport is at its end: what was taken before is still received. */
  receiveEnd(): void {
    this.#ended = true;
    this.#settle();
  }

  /** A piece of the current message came out of the inflater. */
  onInflated(bytes: Uint8Array): void {
    this.#guard(() => this.#assembler.append(bytes, 0, bytes.length, false));
    if (this.#inflating) this.#handler.onInflated?.();
  }

  /** The inflater has consumed what it was given, or the peer broke a rule with it. */
  onInflateDone(error: ProtocolError | undefined): void {
    this.#inflating = false;
    this.#guard(() => {
      if (error !== undefined) throw error;
      if (this.#inflatesLast) this.#assembler.append(nothing, 0, 0, true);
      this.#continue();
    });
  }

  /** @internal */
  onMessage(
    header: MessageHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    checked: boolean,
  ): void {
    if (header.opcode !== Opcode.Text) return this.#handler.onBinary(bytes, start, end, header);
    const known = checked || !this.#validateUtf8;
    const text = known ? decodeUtf8Loosely(bytes, start, end) : decodeUtf8(bytes, start, end);
    if (text === undefined) throw new ProtocolError('INVALID_UTF8');
    this.#handler.onText(text, header);
  }

  /** @internal */
  onPiece(
    header: MessageHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    first: boolean,
    last: boolean,
  ): void {
    const type = header.opcode === Opcode.Text ? 'text' : 'binary';
    const { remaining } = this.#decoder;
    this.#handler.onPiece?.(bytes, start, end, { type, first, last, remaining });
  }

  /** @internal */
  onCompressed(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    const message = last && this.#deflate?.inflateNow(bytes, start, end, this.#maxWholeSize);
    if (message) return this.#assembler.append(message, 0, message.length, true);
    this.#inflatesLast = last;
    this.#inflating = true;
    // The decoder waits for the job: inflating off the thread does not make the core asynchronous.
    this.#waited = true;
    this.#decoder.suspend();
    this.#deflate?.inflate(bytes, start, end, last);
  }

  /** @internal */
  onControl(header: MessageHeader, bytes: Uint8Array, start: number, end: number): void {
    const { opcode } = header;
    if (opcode === Opcode.Ping) return this.#owner.onPing(bytes, start, end);
    if (opcode === Opcode.Pong) return this.#handler.onPong(bytes, start, end);
    if (opcode !== Opcode.Close) return this.#handler.onBinary(bytes, start, end, header);
    const close = readClose(bytes, start, end);
    this.stop();
    this.#owner.onClose(close);
  }

  /** @internal */
  onOversized(): void {
    this.#oversized = true;
    this.#wait();
    this.#handler.onOversized?.();
  }

  #wait(): void {
    this.#waited = true;
    this.#decoder.suspend();
    if (this.#inflating) this.#deflate?.pauseInflation();
  }

  /** Goes on with what waits, unless there is still a reason to wait. */
  #continue(): void {
    if (this.#held || this.#oversized) return;
    if (this.#inflating) return this.#deflate?.resumeInflation();
    this.#decoder.resume();
    this.#settle();
  }

  /** Reports that all bytes are decoded, and then the end of the transport, if it has come. */
  #settle(): void {
    // A handler that got here from inside the decoder's loop leaves the report to the outer call.
    if (this.busy || this.#decoder.running) return;
    if (this.#waited) {
      this.#waited = false;
      this.#handler.onReady?.();
    }
    if (!this.#ended || this.busy) return;
    const { midFrame } = this.#decoder;
    this.#ended = false;
    this.stop();
    this.#owner.onTransportEnd(midFrame);
  }

  /** Turns a broken rule into a violation; what the handler itself throws passes through. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.stop();
      this.#owner.onViolation(error);
    }
  }
}
