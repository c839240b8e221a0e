import { CloseCode } from '../../protocol/closing/close-code.ts';
import type { ResolvedConnectionOptions } from '../options/options.ts';
import { TimeoutError } from '../reporting/errors.ts';
import type { LimitName } from '../reporting/tally.ts';
import type { Clock, Deadline, Sleeper } from './clock.ts';
import { MessageTime } from './message-time.ts';

/** What is done when a deadline passes. */
export interface DeadlineActions {
  /** The peer has been silent for a while: it is asked for a sign of life. */
  ping(): void;
  /** The peer gave no sign of life, or no answer to our Close: the transport is dropped. */
  lost(error: Error, limit: LimitName): void;
  /** The peer is too slow: inside a frame, inside a message, or taking what is sent. */
  fail(code: CloseCode, reason: string, error: Error, limit: LimitName): void;
  /** Everything is over and the transport is still there: it is dropped. */
  linger(): void;
}

const lost = {
  heartbeat: ['heartbeat', 'the peer gave no sign of life'],
  close: ['closeTimeout', 'the peer did not answer the Close'],
} as const;

const slow = {
  frame: ['stallTimeout', CloseCode.GoingAway, 'the peer fell silent inside a frame'],
  message: ['messageTimeout', CloseCode.PolicyViolation, 'the message took too long'],
  drain: ['backpressure.timeout', CloseCode.TryAgainLater, 'the peer took no bytes for too long'],
} as const;

/** How long a transport may stay after both Closes, or after a failure, in milliseconds. */
const LINGER = 1000;
/** Into how many parts the 20 % are cut by which heartbeats are spread. */
const SPREAD = 2 ** 20;

/**
 * All deadlines of one connection behind one entry of the clock. Bytes only move marks; what is
 * due is judged when the entry fires, so traffic costs no timer.
 */
export class Deadlines implements Sleeper {
  readonly clock: Clock;
  readonly options: ResolvedConnectionOptions;
  readonly #actions: DeadlineActions;
  /** Spreads heartbeats, so that connections made together are not pinged together. */
  readonly #spread = Math.floor(Math.random() * SPREAD);
  #entry: Deadline | undefined;
  #entryDue = Infinity;
  /** Whether this side reads, slows a peer that is too fast, or has a reason of its own not to. */
  #reading: 'on' | 'slowed' | 'off' = 'on';
  #ended = false;
  /** Whether it ended cleanly: what still waits may take its time. */
  #flushes = false;
  #lastReceived: number;
  #pingedAt: number | undefined;
  /** While a message is unfinished. */
  #message: MessageTime | undefined;
  #frameOpen = false;
  /** Undefined where an Infinity would take memory of its own in every connection. */
  #drainDue: number | undefined;
  #closeDue: number | undefined;
  #lingerDue: number | undefined;
  /** Whether our Close may still be among the bytes that wait: the peer cannot answer it yet. */
  closeLeaves = false;

  constructor(clock: Clock, options: ResolvedConnectionOptions, actions: DeadlineActions) {
    this.clock = clock;
    this.options = options;
    this.#actions = actions;
    this.#lastReceived = clock.now();
    this.#plan();
  }

  /** Bytes came; tells whether a frame and a message are unfinished, and whether one was begun. */
  onReceived(bytes: number, midFrame: boolean, midMessage: boolean, begun: boolean): void {
    this.markAlive();
    this.onDecoded(midFrame, midMessage, begun);
    this.#message?.onBytes(bytes);
  }

  /** As `onReceived`, for bytes that had waited: the protocol was suspended, or it inflated. */
  onDecoded(midFrame: boolean, midMessage: boolean, begun: boolean): void {
    this.#frameOpen = midFrame;
    if (!midMessage) return void (this.#message = undefined);
    const now = this.clock.now();
    const { messageTimeout, stallTimeout } = this.options;
    if (begun || this.#message === undefined) this.#message = new MessageTime(messageTimeout, now);
    this.#arm(Math.min(this.#message.due, now + stallTimeout));
  }

  /** So many bytes of those received were a control frame's: they bring no message to its end. */
  onAside(bytes: number): void {
    this.#message?.onBytes(-bytes);
  }

  /** The application vouches for the peer. */
  markAlive(): void {
    this.#lastReceived = this.clock.now();
    this.#pingedAt = undefined;
  }

  /** This side stops reading: what depends on the peer's bytes stands still. */
  stopReading(slows: boolean): void {
    if (!slows) this.#reading = 'off';
    else if (this.#reading === 'on') this.#reading = 'slowed';
  }

  /**
   * This side reads again: what stood still starts afresh, but a message does not become younger by
   * what had to be slowed.
   */
  startReading(): void {
    if (this.#reading === 'on') return;
    const afresh = this.#reading === 'off';
    this.#reading = 'on';
    this.markAlive();
    if (afresh) this.#message?.beginAnew(this.#lastReceived);
    this.#plan();
  }

  /** The operating system takes no more, or took some and no more. */
  onBlocked(): void {
    if (this.closeLeaves) this.#closeDue = undefined;
    // What was accepted before a clean end still leaves, at the pace of the peer.
    if (this.#flushes) this.#lingerDue = undefined;
    this.#drainDue = this.clock.now() + this.options.backpressure.timeout;
    this.#arm(this.#drainDue);
    this.#pingLeaves();
  }

  /** All that waited has left. */
  onUnblocked(): void {
    this.#drainDue = undefined;
    this.#pingLeaves();
    if (this.closeLeaves) this.#awaitClose();
    this.closeLeaves = false;
    if (this.#flushes) this.#linger();
  }

  /** Our Close was written: once it has left, the peer's is awaited. */
  onCloseSent(blocked: boolean): void {
    this.closeLeaves = true;
    if (!blocked) this.#awaitClose();
  }

  /** Nothing more is to be said: only the transport's end is awaited, after a clean end patiently. */
  onEnded(clean: boolean, blocked: boolean): void {
    this.#ended = true;
    this.#flushes = clean;
    this.#closeDue = undefined;
    if (!clean || !blocked) this.#linger();
  }

  /** The transport is gone, or is being dropped. */
  stop(): void {
    this.#entry?.cancel();
    this.#entryDue = -Infinity;
  }

  /** Bytes in front of a Ping have left, or it itself: a peer cannot answer what it has not got. */
  #pingLeaves(): void {
    if (this.#pingedAt !== undefined) this.#pingedAt = this.clock.now();
  }

  #linger(): void {
    this.#lingerDue = this.clock.now() + LINGER;
    this.#arm(this.#lingerDue);
  }

  #awaitClose(): void {
    this.#closeDue = this.clock.now() + this.options.closeTimeout;
    this.#arm(this.#closeDue);
  }

  #arm(due: number): void {
    if (due >= this.#entryDue) return;
    this.#entry?.cancel();
    this.#entryDue = due;
    const { clock } = this;
    const delay = due - clock.now();
    this.#entry = clock.wake?.(delay, this) ?? clock.after(delay, () => this.onDue());
  }

  /** The entry fired: what is due is done, and the next is planned. */
  onDue(): void {
    this.#entryDue = Infinity;
    const now = this.clock.now();
    if (isDue(this.#lingerDue, now)) return this.#actions.linger();
    if (isDue(this.#closeDue, now)) return this.#lost(...lost.close);
    if (isDue(this.#drainDue, now)) {
      this.#drainDue = undefined;
      if (this.#ended) return this.#actions.linger();
      this.#tooSlow(...slow.drain);
    }
    if (this.#reading === 'on' && !this.#ended) this.#checkReading(now);
    this.#plan();
  }

  #checkReading(now: number): void {
    if (now >= this.#stallDue()) return this.#tooSlow(...slow.frame);
    if (this.#message?.isOver(now) === true) return this.#tooSlow(...slow.message);
    if (now < this.#heartbeatDue()) return;
    if (this.#pingedAt !== undefined) return this.#lost(...lost.heartbeat);
    this.#pingedAt = now;
    this.#actions.ping();
  }

  #lost(limit: LimitName, why: string): void {
    this.#actions.lost(new TimeoutError(why), limit);
  }

  #tooSlow(limit: LimitName, code: CloseCode, why: string): void {
    // Once only: its Close may have to wait, and the peer is not read any more.
    this.#reading = 'off';
    this.#actions.fail(code, why, new TimeoutError(why), limit);
  }

  #heartbeatDue(): number {
    const { heartbeat } = this.options;
    if (heartbeat === false) return Infinity;
    if (this.#pingedAt !== undefined) return this.#pingedAt + heartbeat.timeout;
    const spread = 0.9 + this.#spread / SPREAD / 5;
    return this.#lastReceived + heartbeat.interval * spread;
  }

  #stallDue(): number {
    return this.#frameOpen ? this.#lastReceived + this.options.stallTimeout : Infinity;
  }

  /** Arms the entry for whatever is due next. */
  #plan(): void {
    let due = Math.min(
      this.#drainDue ?? Infinity,
      this.#closeDue ?? Infinity,
      this.#lingerDue ?? Infinity,
    );
    if (this.#reading === 'on' && !this.#ended) {
      due = Math.min(due, this.#heartbeatDue(), this.#message?.due ?? Infinity, this.#stallDue());
    }
    if (due < Infinity) this.#arm(due);
  }
}

function isDue(due: number | undefined, now: number): boolean {
  return due !== undefined && now >= due;
}
