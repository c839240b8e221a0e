import type { Protocol } from '../../protocol/protocol.ts';
import { Tally } from '../reporting/tally.ts';
import type { Deadlines } from '../timing/deadlines.ts';
import { Allowance, type AllowanceActions, type WaitingMessages } from './allowance.ts';
import type { Holdable } from './throttle.ts';

/** Where bytes pass, and how many wait to leave. */
export interface TrafficSource extends AllowanceActions {
  readonly protocol: Protocol;
  readonly reading: Holdable;
  readonly bufferedAmount: number;
  /** Bytes were written while `watched` was set, or while some wait: `onWaiting` is to follow. */
  onWrite(): void;
}

/** What passes through a connection, counted: for statistics, for deadlines and for limits. */
export class Traffic {
  readonly #source: TrafficSource;
  readonly #received: WaitingMessages;
  readonly #deadlines: Deadlines;
  /** Made when there is something for it to count. */
  #allowance: Allowance | undefined;
  readonly tally: Tally;
  /** Whether somebody wants to know when written bytes have left. */
  watched = false;
  /** Whether something had to wait to leave. */
  #waits = false;
  /** Whether a message was completed since bytes last came: one that is unfinished now is new. */
  #completed = false;
  #over = false;

  constructor(
    source: TrafficSource,
    received: WaitingMessages,
    deadlines: Deadlines,
    tally = new Tally(),
  ) {
    this.#source = source;
    this.#received = received;
    this.#deadlines = deadlines;
    this.tally = tally;
    if (deadlines.options.rateLimit !== false) this.#allowance = this.#createAllowance();
  }

  /** Whether something is said to wait to leave. */
  get waits(): boolean {
    return this.#waits;
  }

  /** So many bytes came, and were decoded unless reading is held. */
  onReceived(length: number): void {
    this.tally.bytesReceived += length;
    const { midFrame, midMessage } = this.#source.protocol;
    this.#deadlines.onReceived(length, midFrame, midMessage, this.#completed);
    this.#completed = false;
    if (this.#allowance?.rated === true) this.#allowance.onBytes(length);
    this.#countInput();
  }

  /** Bytes that had waited were decoded. */
  onDecoded(): void {
    const { midFrame, midMessage } = this.#source.protocol;
    this.#deadlines.onDecoded(midFrame, midMessage, this.#completed);
    this.#completed = false;
    this.#countInput();
  }

  /** Part of a message was inflated: it is held although nothing came. */
  onInflated(): void {
    this.#countInput();
  }

  /** A message came to its end. */
  onMessage(): void {
    this.#completed = true;
    this.tally.messagesReceived++;
    if (this.#allowance?.rated === true) this.#allowance.onMessage();
  }

  /** A Ping or Pong came with so many bytes; a Pong that was asked for is not limited. */
  onControlFrame(length: number, asked: boolean): void {
    this.#deadlines.onAside(length);
    if (!asked) this.#allowed().onControlFrame();
  }

  /** The application took something that waited for it. */
  onTaken(): void {
    if (this.#allowance !== undefined && this.#allowance.input > 0) this.#countInput();
  }

  /** So many bytes were written, and so many wait to leave now. */
  onWritten(length: number, waiting: number): void {
    this.#count(length, waiting);
    if (this.#waits) this.onWaiting();
    if (this.watched) this.#source.onWrite();
  }

  /** As `onWritten`, of a frame that is not filled in yet: nobody may hear of it before it is. */
  onReserved(length: number, waiting: number): void {
    this.#count(length, waiting);
    if (this.#waits || this.watched) this.#source.onWrite();
  }

  /** Something waits to leave, or less than before. */
  onWaiting(): void {
    const { bufferedAmount } = this.#source;
    this.#waits = bufferedAmount > 0;
    if (this.#waits || this.#allowance !== undefined) this.#allowed().output = bufferedAmount;
  }

  /** Nothing passes any more; what came may still wait for the application. */
  end(): void {
    this.#over = true;
    this.#allowance?.end();
    this.#countInput();
  }

  #allowed(): Allowance {
    return (this.#allowance ??= this.#createAllowance());
  }

  #createAllowance(): Allowance {
    const { options, clock } = this.#deadlines;
    const { reading } = this.#source;
    const allowance = new Allowance(options, reading, clock, this.#source, this.#received);
    if (this.#over) allowance.end();
    return allowance;
  }

  #count(length: number, waiting: number): void {
    this.tally.bytesSent += length;
    // Only Pongs follow our Close: it has left when nothing waits in front of one.
    if (waiting <= length && this.#source.protocol.state !== 'open') {
      this.#deadlines.closeLeaves = false;
    }
  }

  #countInput(): void {
    const input = this.#source.protocol.heldAmount + this.#received.waiting;
    if (input > 0 || this.#allowance !== undefined) this.#allowed().input = input;
  }
}
