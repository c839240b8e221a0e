import { Buffer, isUtf8 } from 'node:buffer';

import type { Inflater } from '../wire/deflate.ts';
import { opcodes } from '../wire/frame.ts';
import type { ReadFrame } from '../wire/reader.ts';

/** What the fuzzer learns from the frames of the tested side. */
export interface IncomingSink {
  message(payload: Buffer, binary: boolean): void;
  ping(payload: Buffer): void;
  pong(payload: Buffer): void;
  close(code: number | undefined, reason: string): void;
  /** The tested side broke a rule of RFC 6455 or RFC 7692 itself. */
  violation(what: string): void;
}

function validCode(code: number): boolean {
  return (
    (code >= 3000 && code <= 4999) ||
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code))
  );
}

/** Judges and joins the frames of the tested side: nothing it sends may break a rule. */
export class Incoming {
  readonly #masked: boolean;
  readonly #inflater: Inflater | undefined;
  readonly #sink: IncomingSink;
  #parts: Buffer[] | undefined;
  #binary = false;
  #compressed = false;
  #closed = false;
  /** The masking keys seen, in order, as hex. */
  readonly keys: string[] = [];
  /** The number of frames the last message came in, and whether it was compressed. */
  lastMessage = { frames: 0, compressed: false };

  constructor(masked: boolean, inflater: Inflater | undefined, sink: IncomingSink) {
    this.#masked = masked;
    this.#inflater = inflater;
    this.#sink = sink;
  }

  /** Takes one frame. */
  frame(frame: ReadFrame): void {
    const broken = this.#brokenRule(frame);
    if (broken !== undefined) this.#sink.violation(broken);
    if (frame.key !== undefined) this.keys.push(frame.key.toString('hex'));
    if (this.#closed) return;
    if (frame.opcode >= 8) this.#control(frame);
    else this.#data(frame);
  }

  #brokenRule(frame: ReadFrame): string | undefined {
    const { opcode, payload, rsv } = frame;
    if (this.#closed) return 'a frame after its Close';
    if ((frame.key !== undefined) !== this.#masked) return this.#masked ? 'unmasked' : 'masked';
    if (!frame.minimal) return 'a length not in its shortest form';
    if (opcode > 10 || (opcode > 2 && opcode < 8)) return `opcode ${opcode}`;
    if (opcode >= 8 && (!frame.fin || payload.length > 125)) return 'a bad control frame';
    const started = this.#parts !== undefined;
    if (opcode < 8 && (opcode === 0) !== started) return 'fragments out of order';
    const compressible = this.#inflater !== undefined && (opcode === 1 || opcode === 2);
    if (rsv !== 0 && !(rsv === 4 && compressible)) return `RSV ${rsv}`;
    return undefined;
  }

  #control({ opcode, payload }: ReadFrame): void {
    if (opcode === opcodes.ping) this.#sink.ping(payload);
    else if (opcode === opcodes.pong) this.#sink.pong(payload);
    else this.#close(payload);
  }

  #close(payload: Buffer): void {
    this.#closed = true;
    const code = payload.length < 2 ? undefined : payload.readUInt16BE();
    if (payload.length === 1) this.#sink.violation('a Close of one byte');
    if (code !== undefined && !validCode(code)) this.#sink.violation(`close code ${code}`);
    const reason = payload.subarray(2);
    if (!isUtf8(reason)) this.#sink.violation('a close reason that is not UTF-8');
    this.#sink.close(code, reason.toString());
  }

  #data({ opcode, payload, rsv, fin }: ReadFrame): void {
    if (opcode !== opcodes.continuation) {
      this.#parts = [];
      this.#binary = opcode === opcodes.binary;
      this.#compressed = rsv === 4;
    }
    const parts = (this.#parts ??= []);
    parts.push(payload);
    if (!fin) return;
    this.#parts = undefined;
    this.lastMessage = { frames: parts.length, compressed: this.#compressed };
    this.#whole(parts.length === 1 ? payload : Buffer.concat(parts));
  }

  #whole(bytes: Buffer): void {
    let payload = bytes;
    if (this.#compressed && this.#inflater !== undefined) {
      try {
        payload = this.#inflater.inflate(bytes);
      } catch (error) {
        this.#sink.violation(`bad deflate data: ${String(error)}`);
        return;
      }
    }
    if (!this.#binary && !isUtf8(payload)) this.#sink.violation('a text that is not UTF-8');
    this.#sink.message(payload, this.#binary);
  }
}
