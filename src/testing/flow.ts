import type { Socket } from 'node:net';

import type { Clock, Deadline } from '../connection/timing/clock.ts';
import { type CutBy, type Faults, type ResolvedFaults, resolveFaults } from './faults.ts';
import { reset } from './reset.ts';
import { SeededRandom } from './seeded-random.ts';

/** What went one way through a proxied connection so far, in bytes unless said. */
export interface FlowCounters {
  /** Came from the sender. */
  readonly received: number;
  /** Handed to the operating system for the receiver. */
  readonly forwarded: number;
  /** Thrown away because this direction was ended before. */
  readonly dropped: number;
  /** Forwarded with a flipped bit. */
  readonly corrupted: number;
  /** How many writes `forwarded` went in. */
  readonly writes: number;
}

/** What a flow is made from. */
export interface FlowSetup {
  readonly source: Socket;
  readonly destination: Socket;
  readonly faults: ResolvedFaults;
  readonly clock: Clock;
  readonly seed: number;
  /** Keeps the random numbers of this flow apart from those of others. */
  readonly name: string;
  /** Is called when the cut is reached. */
  readonly onCut: (by: CutBy) => void;
}

interface Waiting {
  bytes: Uint8Array;
  readonly due: number;
}

/** Bytes that may wait in a flow before its source is read no further. */
const mostWaiting = 1_048_576;
/** A throttled flow writes so many times a second. */
const throttledWrites = 50;

/** Forwards one direction of a connection, with its faults; one write is under way at a time. */
export class Flow {
  readonly counters: { -readonly [K in keyof FlowCounters]: FlowCounters[K] } = {
    received: 0,
    forwarded: 0,
    dropped: 0,
    corrupted: 0,
    writes: 0,
  };
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #clock: Clock;
  readonly #onCut: (by: CutBy) => void;
  readonly #splits: SeededRandom;
  readonly #flips: SeededRandom;
  #faults: ResolvedFaults;
  #queue: Waiting[] = [];
  #waiting = 0;
  #sourceEnd: 'none' | 'fin' | 'rst' = 'none';
  #endDue = 0;
  #stopped = false;
  #writing = false;
  #timer: Deadline | undefined;
  /** The throttle lets nothing through before. */
  #pausedUntil = 0;
  /** Bytes up to the next seeded boundary and up to the next byte to corrupt. */
  #toSplit = 0;
  #toFlip = Infinity;

  constructor({ source, destination, faults, clock, seed, name, onCut }: FlowSetup) {
    this.#source = source;
    this.#destination = destination;
    this.#clock = clock;
    this.#onCut = onCut;
    this.#splits = new SeededRandom(seed, `${name} split`);
    this.#flips = new SeededRandom(seed, `${name} corrupt`);
    this.#faults = faults;
    this.#toFlip = this.#flips.gap(faults.corrupt);
    source.on('data', (bytes: Uint8Array) => this.#take(bytes));
    source.on('end', () => this.#sourceEnds('fin'));
    source.on('close', (broken) => broken && this.#sourceEnds('rst'));
    this.#pump();
  }

  /** Changes faults; those not given stay. */
  set(given: Faults): void {
    const before = this.#faults.corrupt;
    this.#faults = resolveFaults(given, this.#faults);
    if (this.#faults.corrupt !== before) this.#toFlip = this.#flips.gap(this.#faults.corrupt);
    this.#timer?.cancel();
    this.#pausedUntil = 0;
    if (given.cut !== undefined && this.#room() === 0) this.#cut();
    this.#pump();
  }

  /** Sends FIN behind what was forwarded; what waits, and what is still to come, is dropped. */
  end(): void {
    this.stop();
    this.#destination.end();
    this.#source.resume();
  }

  /** Forwards nothing any more and drops what waits. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.counters.dropped += this.#waiting;
    this.#queue = [];
    this.#waiting = 0;
  }

  #isHeld(): boolean {
    return this.#faults.hold || this.#faults.throttle === 0;
  }

  #take(bytes: Uint8Array): void {
    this.counters.received += bytes.length;
    if (this.#stopped) {
      this.counters.dropped += bytes.length;
      return;
    }
    this.#queue.push({ bytes, due: this.#clock.now() + this.#faults.delay });
    this.#waiting += bytes.length;
    this.#pump();
  }

  #sourceEnds(by: 'fin' | 'rst'): void {
    this.#sourceEnd = by;
    this.#endDue = this.#clock.now() + this.#faults.delay;
    this.#pump();
  }

  /** Does what may be done now: reads on or not, writes one piece or waits for its time. */
  #pump(): void {
    if (this.#stopped) return;
    if (this.#isHeld() || this.#waiting >= mostWaiting) this.#source.pause();
    else this.#source.resume();
    if (this.#isHeld()) return;
    if (this.#sourceEnd === 'rst') return this.#passReset();
    if (this.#writing) return;
    const [first] = this.#queue;
    if (first === undefined) return this.#passEnd();
    const wait = Math.max(first.due, this.#pausedUntil) - this.#clock.now();
    if (wait > 0) this.#waitFor(wait);
    else if (this.#room() === 0) this.#cut();
    else this.#write(first);
  }

  #waitFor(wait: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(wait, () => this.#pump());
  }

  #passEnd(): void {
    if (this.#sourceEnd !== 'fin') return;
    const wait = this.#endDue - this.#clock.now();
    if (wait > 0) return this.#waitFor(wait);
    this.#stopped = true;
    this.#destination.end();
  }

  /** A reset overtakes what waits, as it does on the way. */
  #passReset(): void {
    this.stop();
    reset(this.#destination);
  }

  /** Bytes that may still go before the cut. */
  #room(): number {
    const { cut } = this.#faults;
    return cut === false ? Infinity : Math.max(0, cut.after - this.counters.forwarded);
  }

  #cut(): void {
    if (this.#faults.cut !== false) this.#onCut(this.#faults.cut.by);
  }

  #write(first: Waiting): void {
    const piece = this.#takePiece(first);
    this.#corrupt(piece);
    this.#writing = true;
    this.#destination.write(piece, (error) => {
      this.#writing = false;
      if (error != null) return;
      this.counters.forwarded += piece.length;
      this.counters.writes++;
      this.#slowDown(piece.length);
      if (this.#room() === 0) this.#cut();
      // A turn of the event loop between two pieces, or the receiver would read them as one.
      if (this.#faults.split === false) this.#pump();
      else setImmediate(() => this.#pump());
    });
  }

  /** Takes the next piece to write out of the queue. */
  #takePiece(first: Waiting): Uint8Array {
    const length = Math.min(first.bytes.length, this.#pieceLength());
    const piece = first.bytes.subarray(0, length);
    if (length === first.bytes.length) this.#queue.shift();
    else first.bytes = first.bytes.subarray(length);
    this.#waiting -= length;
    if (this.#faults.split !== false) this.#toSplit -= length;
    return piece;
  }

  #pieceLength(): number {
    const { split, throttle } = this.#faults;
    if (split === false) this.#toSplit = 0;
    else if (this.#toSplit === 0) this.#toSplit = this.#splits.integer(1, split);
    const splitLength = split === false ? Infinity : this.#toSplit;
    return Math.min(this.#room(), splitLength, Math.ceil(throttle / throttledWrites));
  }

  #slowDown(length: number): void {
    const { throttle } = this.#faults;
    if (throttle === Infinity) return;
    // Time lost between two writes is made up for, but not more than one write's worth.
    const now = this.#clock.now();
    const from = Math.max(this.#pausedUntil, now - 1_000 / throttledWrites);
    this.#pausedUntil = from + (length / throttle) * 1_000;
  }

  #corrupt(piece: Uint8Array): void {
    let at = this.#toFlip;
    for (; at < piece.length; at += 1 + this.#flips.gap(this.#faults.corrupt)) {
      piece[at] = (piece[at] ?? 0) ^ (1 << this.#flips.integer(0, 7));
      this.counters.corrupted++;
    }
    this.#toFlip = at - piece.length;
  }
}
