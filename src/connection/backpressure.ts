import { WebSocketError } from '../protocol/errors.ts';
import type { ResolvedConnectionOptions } from './options.ts';

interface Waiting {
  /** Whether it goes on waiting when a Close has been asked for. */
  readonly patient: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Decides by the bytes that wait for the peer when to stop sending and when to go on. */
export class Backpressure {
  readonly #soft: number;
  readonly #hard: number;
  readonly #onDrained: () => void;
  #waiting: Waiting[] = [];
  /** Whether a `send` answered false and `onDrained` has not followed yet. */
  #stopped = false;
  #messages = 0;
  #bytes = 0;

  constructor({ soft, hard }: ResolvedConnectionOptions['backpressure'], onDrained: () => void) {
    this.#soft = soft;
    this.#hard = hard;
    this.#onDrained = onDrained;
  }

  /** What was dropped whole so far. */
  get dropped(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#messages, bytes: this.#bytes };
  }

  /** Counts messages that were dropped whole. */
  drop(messages: number, bytes: number): void {
    this.#messages += messages;
    this.#bytes += bytes;
  }

  /** Whether one more message may be queued, whatever its size. */
  accepts(bufferedAmount: number): boolean {
    return bufferedAmount < this.#hard;
  }

  /** Whether sending may go on; if not, `onDrained` will be called. */
  goesOn(bufferedAmount: number): boolean {
    if (bufferedAmount < this.#soft) return true;
    this.#stopped = true;
    return false;
  }

  /** Resolves once fewer bytes than the soft mark wait. */
  drained(bufferedAmount: number, patient = false): Promise<void> {
    if (bufferedAmount < this.#soft) return Promise.resolve();
    this.#stopped = true;
    return new Promise((resolve, reject) => this.#waiting.push({ patient, resolve, reject }));
  }

  /** Whether `onProgress` has anything to decide. */
  get watching(): boolean {
    return this.#stopped;
  }

  /** Bytes have left. */
  onProgress(bufferedAmount: number): void {
    if (!this.#stopped || bufferedAmount >= this.#soft) return;
    this.#stopped = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve();
    this.#onDrained();
  }

  /** Nothing more may be sent: whoever waits to send is told so, whoever is patient at the end. */
  end(over: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = over ? [] : waiting.filter(({ patient }) => patient);
    for (const { patient, reject } of waiting) if (over || !patient) reject(notOpen());
  }
}

/** The error for what only an open connection can do. */
export function notOpen(): WebSocketError {
  return new WebSocketError('ERR_NOT_OPEN', 'the connection is not open');
}
