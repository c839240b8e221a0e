import type { ProtocolError } from '../../src/protocol/errors.ts';
import type { ProtocolHandler, ProtocolPiece } from '../../src/protocol/handler.ts';
import type { ProtocolOptions } from '../../src/protocol/options.ts';
import { Protocol } from '../../src/protocol/protocol.ts';
import type { MessageHeader } from '../../src/protocol/receiving/message-sink.ts';

export type RecordedEvent = readonly [name: string, ...values: unknown[]];

/** Turns what a protocol calls into a list, so that a test reads as input and output. */
export class Recorder implements ProtocolHandler {
  readonly events: RecordedEvent[] = [];
  readonly written: Uint8Array[] = [];
  /** The bits that came with each message. */
  readonly headers: MessageHeader[] = [];
  /** Called after each event is noted, so that a test can act inside a call. */
  onEvent: (name: string) => void = () => {};
  blocked = false;
  #waiting: (() => void)[] = [];

  /** All bytes written so far, as hex. */
  get wire(): string {
    return hex(Buffer.concat(this.written));
  }

  onText(text: string, header: MessageHeader): void {
    this.headers.push(bitsOf(header));
    this.#note(['text', text]);
  }

  onBinary(bytes: Uint8Array, start: number, end: number, header: MessageHeader): void {
    this.headers.push(bitsOf(header));
    this.#note(['binary', hex(bytes.subarray(start, end))]);
  }

  onPing(bytes: Uint8Array, start: number, end: number): void {
    this.#note(['ping', hex(bytes.subarray(start, end))]);
  }

  onPong(bytes: Uint8Array, start: number, end: number): void {
    this.#note(['pong', hex(bytes.subarray(start, end))]);
  }

  onPiece(bytes: Uint8Array, start: number, end: number, piece: ProtocolPiece): void {
    const { type, first, last, remaining } = piece;
    this.#note(['piece', hex(bytes.subarray(start, end)), type, first, last, remaining]);
  }

  onClose(code: number, reason: string): void {
    this.#note(['close', code, reason]);
  }

  onCloseSent(code: number, reason: string): void {
    this.#note(['close sent', code, reason]);
  }

  onEnd(code: number, reason: string): void {
    this.#note(['end', code, reason]);
  }

  onViolation(error: ProtocolError): void {
    this.#note(['violation', error.violation]);
  }

  onReady(): void {
    this.#note(['ready']);
  }

  onOversized(): void {
    this.#note(['oversized']);
  }

  write(bytes: Uint8Array): void {
    this.written.push(bytes);
  }

  /** Resolves when so many events of this name were noted. */
  async noted(name: string, count = 1): Promise<void> {
    const seen = () => this.events.filter(([event]) => event === name).length;
    while (seen() < count) await this.next();
  }

  /** Resolves after the next event. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #note(event: RecordedEvent): void {
    this.events.push(event);
    this.onEvent(event[0]);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function bitsOf({ opcode, rsv }: MessageHeader): MessageHeader {
  return { opcode, rsv };
}

/** One end with its recorder; a client's masking keys count up from 1. */
export function open(options: Partial<ProtocolOptions> & Pick<ProtocolOptions, 'role'>): {
  readonly protocol: Protocol;
  readonly recorder: Recorder;
} {
  let key = 0;
  const recorder = new Recorder();
  const protocol = new Protocol(
    { maxMessageSize: 1 << 20, nextMaskingKey: () => ++key, ...options },
    recorder,
  );
  return { protocol, recorder };
}

/** Feeds bytes cut at some positions, each chunk in memory of its own, as a transport does. */
export function feed(
  receive: (chunk: Uint8Array) => void,
  wire: Uint8Array,
  cuts: readonly number[],
): void {
  const points = [...new Set(cuts)].filter((cut) => cut > 0 && cut < wire.length);
  let from = 0;
  for (const to of [...points.toSorted((a, b) => a - b), wire.length]) {
    receive(new Uint8Array(wire.subarray(from, to)));
    from = to;
  }
}

/** Runs a check for a byte fixture whole, cut at every position, and byte by byte. */
export function atEveryCut(wire: Uint8Array, check: (cuts: readonly number[]) => void): void {
  for (let cut = 0; cut < Math.max(1, wire.length); cut++) check([cut]);
  check(Array.from(wire, (_, index) => index));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}
