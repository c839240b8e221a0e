import { decodeUtf8Loosely } from '#platform';

import type { HeaderList } from '../handshake/header-list.ts';

/** How much of the body of a refusal is kept, in bytes. */
export const MAX_BODY_SIZE = 65_536;

/** Collects the body of an answer up to a limit, however its end is marked (RFC 7230 §3.3.3). */
export class RefusalBody {
  readonly #framing: Framing;
  readonly #bytes = new Uint8Array(MAX_BODY_SIZE);
  #length = 0;

  constructor(statusCode: number, headers: HeaderList) {
    this.#framing = framingOf(statusCode, headers);
  }

  /** Whether nothing more is to come, or to keep. */
  get done(): boolean {
    return this.#framing.done || this.#length === MAX_BODY_SIZE;
  }

  get text(): string {
    return decodeUtf8Loosely(this.#bytes, 0, this.#length);
  }

  receive(chunk: Uint8Array): void {
    let position = 0;
    while (position < chunk.length && !this.done) {
      const { from, to } = this.#framing.next(chunk, position);
      const kept = chunk.subarray(from, Math.min(to, from + MAX_BODY_SIZE - this.#length));
      this.#bytes.set(kept, this.#length);
      this.#length += kept.length;
      position = to;
    }
  }
}

/** Tells which bytes of a chunk are body; each call goes on where the last one ended. */
interface Framing {
  readonly done: boolean;
  next(chunk: Uint8Array, position: number): { readonly from: number; readonly to: number };
}

function framingOf(statusCode: number, headers: HeaderList): Framing {
  if (statusCode < 200 || statusCode === 204 || statusCode === 304) return new Counted(0);
  if (headers.has('transfer-encoding')) return new Chunked();
  const length = headers.get('content-length');
  return new Counted(length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : Infinity);
}

/** A body of a known length; Infinity goes on until the connection ends. */
class Counted implements Framing {
  #remaining: number;

  constructor(length: number) {
    this.#remaining = length;
  }

  get done(): boolean {
    return this.#remaining === 0;
  }

  next(chunk: Uint8Array, position: number): { from: number; to: number } {
    const to = Math.min(chunk.length, position + this.#remaining);
    this.#remaining -= to - position;
    return { from: position, to };
  }
}

const LF = 10;
const MAX_SIZE_LINE = 256;

/** A body in chunks (RFC 7230 §4.1); what breaks the format ends it. */
class Chunked implements Framing {
  done = false;
  #line = '';
  #remaining = 0;
  /** After the data of a chunk comes an empty line. */
  #afterData = false;

  next(chunk: Uint8Array, position: number): { from: number; to: number } {
    if (this.#remaining > 0) {
      const to = Math.min(chunk.length, position + this.#remaining);
      this.#remaining -= to - position;
      return { from: position, to };
    }
    const byte = chunk[position] ?? LF;
    if (byte === LF) this.#endLine();
    else this.#line += String.fromCharCode(byte);
    if (this.#line.length > MAX_SIZE_LINE) this.done = true;
    return { from: position + 1, to: position + 1 };
  }

  #endLine(): void {
    const line = this.#line.trim();
    this.#line = '';
    if (this.#afterData && line === '') {
      this.#afterData = false;
      return;
    }
    const size = /^([0-9A-Fa-f]{1,8})(?:[ \t]*;.*)?$/.exec(line)?.[1] ?? '0';
    this.#remaining = Number.parseInt(size, 16);
    this.#afterData = true;
    if (this.#remaining === 0) this.done = true;
  }
}
