import { ProtocolError } from '../errors.ts';
import type { WholeFrameSink } from '../frame/decoder.ts';
import type { FrameHeader } from '../frame/header.ts';
import { isControlOpcode, Opcode } from '../opcode.ts';
import { Gathering, type GatheringSizes } from './gathering.ts';
import type { MessageSink } from './message-sink.ts';
import { Utf8Validator } from './utf8.ts';

/** What a message may be, sizes in bytes. */
export interface AssemblerRules {
  readonly maxMessageSize: number;
  /** The largest message that may be held whole. */
  readonly maxWholeSize: number;
  readonly maxFragments: number;
  /** The largest message that may pass in pieces. */
  readonly maxStreamedSize: number;
  readonly validateUtf8: boolean;
  readonly pieces: Pieces;
  readonly receiveBuffer: GatheringSizes;
  readonly givenChunks: boolean;
}

/**
 * Whether messages are handed on in pieces, as they arrive. Undecided: whole, but a message too
 * large for that is not refused; it waits for the decision.
 */
export type Pieces = boolean | 'undecided';

/** More empty fragments in a row than this serve nobody. */
const MAX_EMPTY_FRAGMENTS = 16;
/** RSV1 of a message's first frame: it is compressed, where that was negotiated. */
const RSV1 = 4;

/** Joins frames into messages (RFC 6455 §5.4). A message that came whole is passed on uncopied. */
export class MessageAssembler implements WholeFrameSink {
  readonly #sink: MessageSink;
  readonly #rules: AssemblerRules;
  readonly #compression: boolean;
  /** These are there only while something arrives in pieces: an idle connection has none. */
  #message: Gathering | undefined;
  #control: Gathering | undefined;
  #utf8: Utf8Validator | undefined;
  readonly #header = { opcode: 0, rsv: 0 };
  #pieces: Pieces;
  #unfinished = false;
  #compressed = false;
  /** Whether the current message is handed on in pieces. */
  #passes = false;
  #fragments = 0;
  #emptyFragments = 0;
  /** Payload bytes that the headers of this message have announced. */
  #announced = 0;
  /** How long the message will be, once its last frame has said so. */
  #expected = Infinity;
  /** Message bytes that have arrived, after inflation. */
  #arrived = 0;
  #first = true;

  constructor(sink: MessageSink, rules: AssemblerRules, compression: boolean) {
    this.#sink = sink;
    this.#rules = rules;
    this.#pieces = rules.pieces;
    this.#compression = compression;
  }

  /** Whether a message has begun and not ended. */
  get midMessage(): boolean {
    return this.#unfinished;
  }

  /** Bytes of memory that hold what is unfinished. */
  get heldAmount(): number {
    return (this.#message?.held ?? 0) + (this.#control?.held ?? 0);
  }

  takesWhole({ fin, opcode, rsv, payloadLength }: FrameHeader): boolean {
    if (!fin || this.#unfinished || this.#pieces === true) return false;
    if (opcode !== Opcode.Binary && opcode !== Opcode.Text) return false;
    return payloadLength <= this.#rules.maxWholeSize && !this.#isCompressed(rsv);
  }

  onWhole({ opcode, rsv }: FrameHeader, bytes: Uint8Array, start: number, end: number): void {
    this.#header.opcode = opcode;
    this.#header.rsv = rsv;
    this.#sink.onMessage(this.#header, bytes, start, end, false);
  }

  onFrame(header: FrameHeader): void {
    if (isControlOpcode(header.opcode)) return;
    if (header.opcode !== Opcode.Continuation) this.#begin(header);
    else if (!this.#unfinished) throw new ProtocolError('CONTINUATION_UNEXPECTED');
    this.#fragments++;
    this.#emptyFragments = header.payloadLength === 0 ? this.#emptyFragments + 1 : 0;
    if (this.#emptyFragments > MAX_EMPTY_FRAGMENTS) throw new ProtocolError('TOO_MANY_FRAGMENTS');
    this.#announced += header.payloadLength;
    this.#expected = header.fin && !this.#compressed ? this.#announced : Infinity;
    this.#judge();
  }

  /** Decides how messages are handed on from now on, the one that has begun included. */
  decide(pieces: boolean): void {
    this.#pieces = pieces;
    if (pieces && !this.#passes) this.#switchToPieces();
    this.#judge();
  }

  onPayload(
    header: FrameHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
  ): void {
    if (isControlOpcode(header.opcode)) return this.#onControl(header, bytes, start, end, last);
    const complete = last && header.fin;
    if (this.#compressed) this.#sink.onCompressed(bytes, start, end, complete);
    else this.append(bytes, start, end, complete);
  }

  /** Takes bytes of the current message, as they arrive or come out of an extension. */
  append(bytes: Uint8Array, start: number, end: number, complete: boolean): void {
    this.#arrived += end - start;
    if (this.#arrived > this.#limit()) this.#judge();
    if (this.#passes) return this.#passPiece(bytes, start, end, complete);
    if (complete && this.#message === undefined) return this.#deliver(bytes, start, end, false);
    this.#gather(bytes, start, end, complete);
  }

  #begin(header: FrameHeader): void {
    if (this.#unfinished) throw new ProtocolError('CONTINUATION_EXPECTED');
    this.#unfinished = true;
    this.#passes = this.#pieces === true;
    this.#compressed = this.#isCompressed(header.rsv);
    this.#header.opcode = header.opcode;
    this.#header.rsv = header.rsv;
  }

  #isCompressed(rsv: number): boolean {
    return this.#compression && (rsv & RSV1) !== 0;
  }

  #limit(): number {
    return this.#passes ? this.#rules.maxStreamedSize : this.#rules.maxWholeSize;
  }

  /** Refuses a message by what its headers announced, or by what came out of the inflater. */
  #judge(): void {
    const limit = this.#limit();
    // Compressed payload may be larger than the message, if hardly: stored blocks have headers.
    const payloadLimit = this.#compressed ? limit * 2 + 1024 : limit;
    const tooBig = this.#announced > payloadLimit || this.#arrived > limit;
    const tooMany = !this.#passes && this.#fragments > this.#rules.maxFragments;
    if (!tooBig && !tooMany) return;
    if (this.#pieces === 'undecided') return this.#sink.onOversized();
    throw new ProtocolError(tooBig ? 'MESSAGE_TOO_BIG' : 'TOO_MANY_FRAGMENTS');
  }

  #switchToPieces(): void {
    this.#passes = true;
    if (this.#message === undefined || this.#message.length === 0) return;
    const bytes = this.#message.take();
    this.#first = false;
    this.#sink.onPiece(this.#header, bytes, 0, bytes.length, true, false);
  }

  #gather(bytes: Uint8Array, start: number, end: number, complete: boolean): void {
    const checks = this.#checksText();
    if (checks) this.#check(bytes, start, end, complete);
    const { receiveBuffer, maxMessageSize, givenChunks } = this.#rules;
    this.#message ??= new Gathering(receiveBuffer, maxMessageSize, givenChunks);
    if (!complete) return this.#message.add(bytes, start, end, this.#expected);
    const whole = this.#message.finish(bytes, start, end);
    this.#deliver(whole, 0, whole.length, checks);
  }

  #check(bytes: Uint8Array, start: number, end: number, complete: boolean): void {
    this.#utf8 ??= new Utf8Validator();
    this.#utf8.push(bytes, start, end);
    if (complete) this.#utf8.finish();
  }

  #passPiece(bytes: Uint8Array, start: number, end: number, complete: boolean): void {
    if (this.#checksText()) this.#check(bytes, start, end, complete);
    // An empty piece says nothing unless it ends the message.
    if (start === end && !complete) return;
    const first = this.#first;
    this.#first = complete;
    if (complete) this.#end();
    this.#sink.onPiece(this.#header, bytes, start, end, first, complete);
  }

  #deliver(bytes: Uint8Array, start: number, end: number, checked: boolean): void {
    this.#end();
    this.#sink.onMessage(this.#header, bytes, start, end, checked);
  }

  /** Lets go of a message that will never be whole. */
  drop(): void {
    this.#end();
    this.#control = undefined;
  }

  /** The message is over: the next frame begins another one. */
  #end(): void {
    this.#unfinished = false;
    this.#message = undefined;
    this.#utf8 = undefined;
    this.#fragments = 0;
    this.#emptyFragments = 0;
    this.#announced = 0;
    this.#arrived = 0;
  }

  #checksText(): boolean {
    return this.#rules.validateUtf8 && this.#header.opcode === Opcode.Text;
  }

  #onControl(
    header: FrameHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
  ): void {
    if (last && this.#control === undefined) {
      return this.#sink.onControl(header, bytes, start, end);
    }
    this.#control ??= new Gathering({ initial: 125, growBy: 0, max: 125 });
    this.#control.add(bytes, start, end);
    if (!last) return;
    const whole = this.#control.take();
    this.#control = undefined;
    this.#sink.onControl(header, whole, 0, whole.length);
  }
}
