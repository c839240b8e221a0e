import { CloseCode } from '../../protocol/closing/close-code.ts';
import type { Close } from '../../protocol/closing/close-frame.ts';
import type { ProtocolError } from '../../protocol/errors.ts';
import type { CloseInfo } from './close-info.ts';

type Initiator = CloseInfo['initiator'];

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Gathers what happens on the way to the end of a connection, and tells why it closed. */
export class CloseRecord {
  #sent: Close | undefined;
  #received: Close | undefined;
  /** The Close with which this side failed the connection. */
  #failing: Close | undefined;
  #failed = false;
  #requested = false;
  #initiator: Initiator | undefined;
  #phase: CloseInfo['phase'] | undefined;
  #error: unknown;

  /** The application called `close()`. */
  requested(): void {
    this.#requested = true;
    this.#initiator ??= 'local';
  }

  sent(close: Close): void {
    this.#sent = close;
    if (this.#failed) this.#failing = close;
  }

  received(close: Close): void {
    this.#initiator ??= 'peer';
    this.#received = close;
  }

  /** This side failed the connection: a violation, a limit, a policy or a broken handler. */
  failed(error: unknown): void {
    this.#failed = true;
    this.#error ??= error;
    this.#end('local');
  }

  /** The peer broke a rule, or the transport ended inside a frame. */
  violated(error: ProtocolError): void {
    if (error.violation === 'INCOMPLETE_FRAME') this.lost(error);
    else this.failed(error);
  }

  /** The application dropped the transport. */
  terminated(): void {
    this.#end('local');
  }

  /** The transport ended or broke, or the heartbeat found it dead. */
  lost(error: unknown): void {
    if (!this.#isOver()) this.#error ??= error;
    this.#end('network');
  }

  /** What there is to tell, now that the transport is gone. */
  info(bufferedAmount: number, lastRoundTripMs: number | undefined): CloseInfo {
    const sent = this.#sent;
    const received = this.#received;
    const { code, reason } = this.#decisive();
    const initiator = this.#initiator ?? 'network';
    // Added one by one: spreading what may be missing takes twice the time.
    const info: Writable<CloseInfo> = {
      code,
      reason,
      wasClean: sent !== undefined && received !== undefined && !this.#failed,
      initiator,
      phase: this.#phase ?? this.#currentPhase(),
      bufferedAmount,
      retryable: isRetryable(code) && !(this.#requested && initiator === 'local'),
    };
    if (sent !== undefined) info.sentCode = sent.code;
    if (received !== undefined) info.receivedCode = received.code;
    if (this.#error !== undefined) info.error = this.#error;
    if (lastRoundTripMs !== undefined) info.lastRoundTripMs = lastRoundTripMs;
    return Object.freeze(info);
  }

  /** The Close that gives code and reason. */
  #decisive(): Close {
    return this.#received ?? this.#failing ?? { code: CloseCode.Abnormal, reason: '' };
  }

  #isOver(): boolean {
    return this.#sent !== undefined && this.#received !== undefined;
  }

  #currentPhase(): CloseInfo['phase'] {
    const closing = this.#sent ?? this.#received;
    return closing === undefined && !this.#requested ? 'open' : 'closing';
  }

  #end(initiator: Initiator): void {
    this.#phase ??= this.#currentPhase();
    this.#initiator ??= initiator;
  }
}

/** Whether another attempt may succeed: going away, abnormal, internal error, restart, overload. */
function isRetryable(code: number): boolean {
  return (
    code === CloseCode.GoingAway ||
    code === CloseCode.Abnormal ||
    (code >= CloseCode.InternalError && code <= CloseCode.BadGateway)
  );
}
