import { CloseCode } from '../../protocol/closing/close-code.ts';
import { WebSocketError } from '../../protocol/errors.ts';
import type { ResolvedConnectionOptions } from '../options/options.ts';
import type { Wire } from '../wire.ts';

type Marks = ResolvedConnectionOptions['backpressure'];

/** Bytes that wait for the peer: all, those that were handed on, and those behind fragments. */
export interface Buffered {
  readonly bufferedAmount: number;
  readonly handedAmount: number;
  readonly protocol: { readonly bufferedBehind: number };
}

interface Waiting {
  /** Whether it sends fragments: it minds what is ahead, and goes on when a Close has been asked for. */
  readonly patient: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Who sends, and may have to wait. */
export interface Sending {
  /** Fewer bytes than the soft mark wait again. */
  onDrained(): void;
  /** Messages were dropped whole because the peer is slow. */
  onDroppedSlow(messages: number, bytes: number): void;
}

/** What fails when a message cannot be dropped. */
type Failing = Pick<Wire, 'fail' | 'hit'>;

/** What stands for a list while nobody waits. */
const none: never[] = [];

/** Who has to wait because the peer is slow, and what it lost; tells when sending may go on. */
export class Backpressure {
  readonly #soft: number;
  readonly #policy: Marks['policy'];
  readonly #owner: Sending;
  #waiting: Waiting[] = none;
  /** Whether a `send` answered false and `onDrained` has not followed yet. */
  #stopped = false;
  #messages = 0;
  #bytes = 0;

  constructor({ soft, policy }: Marks, owner: Sending) {
    this.#soft = soft;
    this.#policy = policy;
    this.#owner = owner;
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

  /**
   * The hard mark is reached: the message goes, or the connection, as does that of a fragment. Whether
   * the connection goes on.
   */
  overflow(wire: Failing, length: number, whole: boolean): boolean {
    if (whole && this.#policy !== 'close') {
      this.dropSlow(wire, length);
      return true;
    }
    this.drop(1, length);
    const why = 'too much is waiting for the peer';
    wire.fail(CloseCode.TryAgainLater, why, undefined, 'backpressure.hard');
    return false;
  }

  /** A whole message is dropped because the peer is slow. */
  dropSlow(wire: Failing, bytes: number): void {
    this.drop(1, bytes);
    wire.hit('backpressure.hard');
    this.#owner.onDroppedSlow(1, bytes);
  }

  /** Sending is to stop: `onDrained` will be called. */
  stop(): void {
    this.#stopped = true;
  }

  /** Resolves once fewer bytes than the soft mark wait. */
  drained(buffered: Buffered, patient = false): Promise<void> {
    if (this.#isBelow(buffered, patient)) return Promise.resolve();
    this.#stopped = true;
    return new Promise((resolve, reject) => {
      if (this.#waiting === none) this.#waiting = [];
      this.#waiting.push({ patient, resolve, reject });
    });
  }

  /** Whether `onProgress` has anything to decide. */
  get watching(): boolean {
    return this.#stopped;
  }

  /** Bytes have left. */
  onProgress(buffered: Buffered): void {
    if (!this.#stopped) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ patient }) => !this.#isBelow(buffered, patient));
    for (const { patient, resolve } of waiting) if (this.#isBelow(buffered, patient)) resolve();
    if (!this.#isBelow(buffered, false)) return;
    this.#stopped = false;
    this.#owner.onDrained();
  }

  /** Nothing more may be sent: whoever waits to send is told so, whoever is patient at the end. */
  end(over: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = over ? none : waiting.filter(({ patient }) => patient);
    for (const { patient, reject } of waiting) if (over || !patient) reject(notOpen());
  }

  #isBelow({ bufferedAmount, handedAmount, protocol }: Buffered, patient: boolean): boolean {
    return (patient ? handedAmount - protocol.bufferedBehind : bufferedAmount) < this.#soft;
  }
}

/** The error for what only an open connection can do. */
export function notOpen(): WebSocketError {
  return new WebSocketError('ERR_NOT_OPEN', 'the connection is not open');
}

/** Whether an error says that the connection was not open, or had closed before. */
export function isNotOpen(error: unknown): boolean {
  return error instanceof WebSocketError && error.code === 'ERR_NOT_OPEN';
}
