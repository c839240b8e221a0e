import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { type Flushable, planFlush } from './flush-plan.ts';
import type { GrowingRange } from './growing-range.ts';
import { type StreamOwner, unwatch, watchClose, watchData, watchErrors } from './stream-events.ts';
import type { Transport, TransportSink } from './transport.ts';
import { LONGEST, WriteQueue } from './write-queue.ts';

/** What a slow stream is handed at a time: `bufferedAmount` falls in steps of this. */
const SLICE = 65_536;
/** From here on a frame costs more in memory of its own than a write before it is its turn. */
const LONG = 16_384;
const nothing = Buffer.alloc(0);

/**
 * A TCP, TLS or HTTP/2 stream as a transport. Frames of one read callback leave in one write, others
 * once per tick. After the end `bufferedAmount` stays at what was lost.
 */
export class DuplexTransport implements Transport, StreamOwner, Flushable {
  readonly #duplex: Duplex;
  /** Whether a write is done when it returns, unless the system's buffer is full: not so with TLS. */
  readonly #plain: boolean;
  readonly #queue: WriteQueue;
  #sink: TransportSink | undefined;
  #error: Error | undefined;
  #written: (() => void) | undefined;
  /** Bytes that the duplex still held after the last look. */
  #held = 0;
  #blocked = false;
  #progressed = false;
  #receiving = false;
  #flushPlanned = false;
  #checkPlanned = false;
  #paused = false;
  /** The peer's FIN came. */
  #received = false;
  /** No more writes are taken. */
  #ending = false;
  /** FIN was given to the duplex. */
  #ended = false;
  /** What waited was given up. */
  #dropped = false;
  #closed = false;

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
    this.#plain = duplex instanceof Socket && !('encrypted' in duplex);
    this.#queue = new WriteQueue(!this.#plain);
    watchErrors(duplex, this);
  }

  get bufferedAmount(): number {
    return this.#queue.length + this.#held;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  /** What a socket read is in memory of its own; other streams may hand on what they were given. */
  get givesChunks(): boolean {
    return this.#duplex instanceof Socket;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
    const duplex = this.#duplex;
    if (duplex.destroyed) return process.nextTick(() => this.onClose());
    watchClose(duplex);
    if (duplex.readableEnded) return process.nextTick(() => this.onEnd());
    if (this.#paused) duplex.pause();
    watchData(duplex);
    if (!this.#paused) duplex.resume();
  }

  write(bytes: Uint8Array): void {
    if (this.#ending) return;
    this.#queue.push(bytes);
    this.#planFlush();
  }

  get space(): Uint8Array {
    return this.#queue.space;
  }

  reserve(length: number): number {
    // What waits long must not lie in memory that others use.
    if (this.#held > 0 || this.#ending) return -1;
    let offset = this.#queue.reserve(length);
    const makesRoom = offset < 0 && length >= LONG && this.#plain && this.#isWritable();
    if (makesRoom && this.#handed(LONGEST)) offset = this.#queue.reserve(length);
    if (offset >= 0) this.#planFlush();
    return offset;
  }

  follow(range: GrowingRange): boolean {
    return this.#held === 0 && this.#queue.follow(range);
  }

  /** Hands over all that waits, so many bytes at a time; whether it has left. */
  #handed(limit: number): boolean {
    while (this.#queue.length > 0 && this.#held === 0) this.#hand(limit);
    return this.#held === 0;
  }

  pause(): void {
    this.#paused = true;
    if (this.#sink !== undefined) this.#duplex.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#sink !== undefined) this.#duplex.resume();
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#planFlush();
  }

  destroy(): void {
    this.#drop();
    this.#duplex.destroy();
  }

  onData(chunk: Uint8Array, borrowed = false): void {
    this.#receiving = true;
    try {
      this.#sink?.receive(chunk, borrowed);
    } finally {
      this.#receiving = false;
      this.#flush();
    }
  }

  onEnd(): void {
    if (this.#closed) return;
    this.#receiving = true;
    try {
      this.#sink?.receiveEnd();
    } finally {
      this.#receiving = false;
      // Without allowHalfOpen the stream ends itself after this: what waits must be in it before.
      if (!this.#duplex.allowHalfOpen)
        while (this.#queue.length > 0 && this.#isWritable()) this.#hand(Infinity);
      this.#received = true;
      this.#flush();
    }
  }

  onError(error: Error): void {
    this.#error ??= error;
    this.#duplex.destroy();
  }

  onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    unwatch(this.#duplex);
    this.#drop();
    this.#sink?.onClosed(this.#error ?? this.#duplex.errored ?? undefined);
  }

  #onWritten(): void {
    const left = this.#duplex.writableLength;
    // Of a write that was done when it returned, or one that the end of the stream undid.
    if (this.#dropped || this.#duplex.destroyed || left >= this.#held) return;
    this.#progressed = true;
    this.#held = left;
    this.#flush();
    this.#sink?.onDrain();
  }

  #planFlush(): void {
    if (this.#receiving || this.#flushPlanned || this.#held > 0) return;
    this.#flushPlanned = true;
    planFlush(this);
  }

  /** What was written outside of a read callback leaves. */
  flush(): void {
    this.#flushPlanned = false;
    this.#flush();
  }

  #flush(): void {
    if (this.#dropped) return;
    if (this.#queue.length > 0 && !this.#isWritable()) return this.#drop();
    if (this.#handed(this.#blocked ? SLICE : LONGEST)) this.#blocked = false;
    else if (this.#plain) this.#block();
    else this.#planCheck();
    if (this.#ending && this.#queue.length === 0) this.#finish();
  }

  #isWritable(): boolean {
    return this.#duplex.writable && (this.#duplex.allowHalfOpen || !this.#received);
  }

  /** Gives the duplex up to so many bytes in one write. */
  #hand(limit: number): void {
    const duplex = this.#duplex;
    // A callback costs much: it is given only where bytes may not have left when this returns.
    const onWritten = this.#plain ? undefined : (this.#written ??= () => this.#onWritten());
    this.#queue.writeTo(duplex, limit, onWritten);
    this.#held = duplex.writableLength;
    if (this.#plain && this.#held > 0)
      duplex.write(nothing, (this.#written ??= () => this.#onWritten()));
    this.#queue.settle(!this.#plain || this.#held === 0);
  }

  /** A stream that never writes at once is blocked when nothing left it for a turn of the loop. */
  #planCheck(): void {
    if (this.#checkPlanned) return;
    this.#checkPlanned = true;
    this.#progressed = false;
    setImmediate(DuplexTransport.#check, this);
  }

  static #check(this: void, transport: DuplexTransport): void {
    transport.#checkPlanned = false;
    if (transport.#dropped || transport.#held === 0) return;
    if (transport.#progressed) transport.#planCheck();
    else transport.#block();
  }

  #block(): void {
    if (this.#blocked) return;
    this.#blocked = true;
    this.#sink?.onBlocked();
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    // Where the peer's FIN has come and all has left, closing sends ours as well: 2 µs less.
    if (this.#plain && this.#received && this.#held === 0) this.#duplex.destroy();
    else this.#duplex.end();
  }

  /** Forgets what waits, but not how much it was. */
  #drop(): void {
    if (this.#dropped) return;
    this.#dropped = this.#ending = true;
    this.#blocked = false;
    this.#held += this.#queue.length;
    this.#queue.clear();
  }
}
