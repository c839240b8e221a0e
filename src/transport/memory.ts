import { ByteQueue, type Joiner } from './byte-queue.ts';
import type { Transport, TransportSink } from './transport.ts';

/** What the way between two joined ends holds, as a socket's buffers do. */
export interface MemoryPairOptions {
  /** Bytes on their way to a reader that does not read; beyond, the writer is blocked. Default: 64 KiB. */
  readonly highWaterMark?: number;
}

/** The largest chunk delivered, in bytes: as large as what a socket reads at once. */
const CHUNK = 65_536;

/**
 * Two transports joined back to back. What one end writes the other receives a microtask later, as
 * a copy; both behave as TCP does, with back-pressure, half-closed states and resets.
 */
export function memoryPair(options: MemoryPairOptions = {}): [Transport, Transport] {
  const { highWaterMark = 65_536 } = options;
  const left = new MemoryTransport(highWaterMark);
  const right = new MemoryTransport(highWaterMark);
  left.join(right);
  right.join(left);
  return [left, right];
}

class MemoryTransport implements Transport {
  readonly #highWaterMark: number;
  #peer: MemoryTransport | undefined;
  #sink: TransportSink | undefined;
  /** Written here and not yet on its way. */
  readonly #waiting = new ByteQueue();
  /** On its way to this end. */
  readonly #arriving = new ByteQueue();
  /** Whether bytes were left waiting by the last turn. */
  #stuck = false;
  #turnPlanned = false;
  #paused = false;
  #ending = false;
  #endSent = false;
  #endArrived = false;
  #endReceived = false;
  /** This end takes part no longer: it was destroyed, reset, or both directions ended. */
  #over = false;
  #error: Error | undefined;
  #closed = false;

  constructor(highWaterMark: number) {
    this.#highWaterMark = highWaterMark;
  }

  join(peer: MemoryTransport): void {
    this.#peer = peer;
  }

  get bufferedAmount(): number {
    return this.#waiting.length;
  }

  get blocked(): boolean {
    return this.#stuck && !this.#over;
  }

  start(sink: TransportSink): void {
    this.#sink = sink;
    this.#planTurn();
  }

  write(bytes: Uint8Array): void {
    if (this.#over) this.#giveUpReading();
    if (this.#ending || this.#over) return;
    this.#waiting.push(bytes);
    this.#planTurn();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#planTurn();
  }

  end(): void {
    this.#ending = true;
    this.#planTurn();
  }

  destroy(): void {
    if (this.#over) return this.#giveUpReading();
    // A reset, unless the peer has had our end and nothing of its own is under way.
    const orderly = this.#endSent && this.#arriving.length === 0;
    this.#over = true;
    this.#arriving.clear();
    if (!orderly) this.#peer?.reset();
    this.#planTurn();
  }

  /** The peer is gone: what had arrived is still delivered, when it is read, and what waits is lost. */
  reset(): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = connectionReset();
    this.#planTurn();
  }

  /** Takes the other end's bytes; a copy, because the receiver may change them in place. */
  arrive(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#arriving.push(Uint8Array.from(bytes));
    this.#planTurn();
  }

  arriveEnd(): void {
    this.#endArrived = true;
    this.#planTurn();
  }

  /** The other end took bytes out of the way. */
  makeSpace(): void {
    if (this.#waiting.length > 0) this.#planTurn();
  }

  /** A paused end that has been reset notices it when it writes, as a socket does, and ends. */
  #giveUpReading(): void {
    if (!this.#paused || this.#closed) return;
    this.#arriving.clear();
    this.#planTurn();
  }

  /** How much more the way to the other end takes, in bytes. */
  #space(): number {
    const peer = this.#peer;
    return peer === undefined ? 0 : Math.max(0, this.#highWaterMark - peer.#arriving.length);
  }

  #planTurn(): void {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    queueMicrotask(this.#turn);
  }

  readonly #turn = (): void => {
    this.#turnPlanned = false;
    this.#sendWaiting();
    this.#deliver();
    this.#settle();
  };

  #sendWaiting(): void {
    const peer = this.#peer;
    if (peer === undefined || this.#over) return;
    if (peer.#over && this.#waiting.length > 0) return this.reset();
    const before = this.#waiting.length;
    while (this.#waiting.length > 0 && this.#space() > 0) {
      peer.arrive(this.#waiting.take(Math.min(this.#space(), CHUNK), ownMemory));
    }
    const progressed = this.#stuck && this.#waiting.length < before;
    const blocked = !this.#stuck && this.#waiting.length > 0;
    this.#stuck = this.#waiting.length > 0;
    if (blocked) this.#sink?.onBlocked();
    if (this.#ending && !this.#stuck && !this.#endSent) {
      this.#endSent = true;
      peer.arriveEnd();
    }
    if (progressed) this.#sink?.onDrain();
  }

  /** Delivers one chunk a turn, so that the sink may pause in between. */
  #deliver(): void {
    const dropped = this.#over && this.#error === undefined;
    if (this.#sink === undefined || this.#paused || dropped) return;
    if (this.#arriving.length > 0) {
      const chunk = this.#arriving.take(CHUNK, ownMemory);
      this.#peer?.makeSpace();
      this.#planTurn();
      this.#sink.receive(chunk);
    } else if (this.#endArrived && !this.#endReceived) {
      this.#endReceived = true;
      this.#sink.receiveEnd();
    }
  }

  #settle(): void {
    if (this.#sink === undefined || this.#closed) return;
    if (this.#endSent && this.#endReceived) this.#over = true;
    if (!this.#over) return;
    const readable = this.#error !== undefined && this.#arriving.length > 0;
    if (readable) return;
    this.#closed = true;
    this.#sink.onClosed(this.#error);
  }
}

const ownMemory: Joiner = { allocate: (size) => new Uint8Array(size) };

function connectionReset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
}
