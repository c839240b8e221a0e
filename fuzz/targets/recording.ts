import type { ProtocolError } from '../../src/protocol/errors.ts';
import type { ProtocolHandler, ProtocolPiece } from '../../src/protocol/handler.ts';
import type { Trace, TraceEvent } from '../engine/trace.ts';

const hex = (bytes: Uint8Array, start = 0, end = bytes.length): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');

/** Turns what a protocol calls and writes into a trace. */
export class Recording implements ProtocolHandler {
  readonly #events: TraceEvent[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Called after each event that the application would be told of. */
  onEvent: () => void = () => {};
  blocked = false;
  /** Whether a message too large to be held waits for a decision. */
  oversized = false;

  get trace(): Trace {
    return this.#events;
  }

  /** How many events of this name there were. */
  count(name: string): number {
    return this.#events.filter(([event]) => event === name).length;
  }

  onText(text: string): void {
    this.#tell('text', text);
  }

  onBinary(bytes: Uint8Array, start: number, end: number): void {
    this.#tell('binary', hex(bytes, start, end));
  }

  onPing(bytes: Uint8Array, start: number, end: number): void {
    this.#tell('ping', hex(bytes, start, end));
  }

  onPong(bytes: Uint8Array, start: number, end: number): void {
    this.#tell('pong', hex(bytes, start, end));
  }

  onPiece(bytes: Uint8Array, start: number, end: number, piece: ProtocolPiece): void {
    this.#tell('piece', hex(bytes, start, end), piece.type, piece.first, piece.last);
  }

  onClose(code: number, reason: string): void {
    this.#tell('close', code, reason);
  }

  onCloseSent(code: number, reason: string): void {
    this.#tell('close sent', code, reason);
  }

  onEnd(code: number, reason: string): void {
    this.#tell('end', code, reason);
  }

  onViolation(error: ProtocolError): void {
    this.#tell('violation', error.violation);
  }

  onOversized(): void {
    this.oversized = true;
  }

  onReady(): void {
    this.#wake();
  }

  write(bytes: Uint8Array): void {
    this.note('write', hex(bytes));
  }

  /** Notes something that no handler is told of. */
  note(...event: TraceEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  /** Resolves when something happens. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #tell(...event: TraceEvent): void {
    this.note(...event);
    this.onEvent();
  }
}
