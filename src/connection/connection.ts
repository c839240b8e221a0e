import { randomBase64 } from '#platform';

import { CloseCode, isValidCloseCode } from '../protocol/closing/close-code.ts';
import type { ClosingState } from '../protocol/closing/closing.ts';
import type { Role } from '../protocol/role.ts';
import type { CloseInfo } from './closing/close-info.ts';
import type { Message } from './handler.ts';
import { wrongType } from './options/option-rules.ts';
import { Parts } from './parts.ts';
import { iterate } from './receiving/iterate.ts';
import type { PulledPiece, ReceiveOptions } from './receiving/pull.ts';
import { Hold } from './receiving/reading.ts';
import { tell } from './reporting/diagnostics.ts';
import type { Outgoing } from './sending/outgoing.ts';
import type { Payload } from './sending/payload.ts';
import type { Pieces } from './sending/send-fragments.ts';
import type { SendOptions } from './sending/send-options.ts';
import type { ConnectionSetup, RequestSnapshot } from './setup.ts';
import { type Clock, sharedClock } from './timing/clock.ts';

const nothing = new Uint8Array(0);

let outgoing: (value: object) => Outgoing | undefined;

/** An open WebSocket connection, in either role. */
export class Connection<
  Context = unknown,
  Params = Record<string, string>,
> implements AsyncIterable<Message> {
  readonly role: Role;
  /** The opening request: what the server received, or what this client sent. */
  readonly request: RequestSnapshot;
  /** The named segments of the endpoint's path. */
  readonly params: Params;
  /** What `authorize` gave; on a client undefined. */
  readonly context: Context;
  /** The subprotocol agreed on, if any (RFC 6455 §1.9). */
  readonly subprotocol: string | undefined;
  /** The Sec-WebSocket-Extensions agreed on, '' for none (RFC 6455 §9.1). */
  readonly extensions: string;
  readonly remoteAddress: string | undefined;
  readonly #parts: Parts<Context, Params>;
  /** Held here as well: sending to many touches less memory for it. */
  readonly #outgoing: Outgoing;

  static {
    outgoing = (value) => (#parts in value ? value.#outgoing : undefined);
  }

  #id: string | undefined;

  /** Used by servers and clients once the opening handshake is done; `start` must follow. */
  constructor(setup: ConnectionSetup<Context, Params>, clock: Clock = sharedClock) {
    this.role = setup.role;
    this.request = setup.request;
    this.params = setup.params;
    this.context = setup.context;
    this.subprotocol = setup.subprotocol;
    this.extensions = setup.extensions;
    this.remoteAddress = setup.remoteAddress;
    this.#parts = new Parts(this, setup, clock);
    this.#outgoing = this.#parts.outgoing;
  }

  /** Begins: calls `open`, then receives, first the bytes that came with the handshake. */
  start(head: Uint8Array = nothing): void {
    this.#parts.wire.start();
    tell('hawser:connection:open', () => ({ connection: this }));
    this.#parts.application.open();
    if (head.length > 0) this.#parts.wire.receive(head);
  }

  /** A text that no other connection of this process has. */
  get id(): string {
    this.#id ??= randomBase64(12).replaceAll('+', '-').replaceAll('/', '_');
    return this.#id;
  }

  /** Where the closing handshake stands (RFC 6455 §7.1). */
  get state(): ClosingState {
    return this.#parts.over ? 'closed' : this.#parts.wire.protocol.state;
  }

  /** Resolves when the connection has ended and says why; never rejects. */
  get closed(): Promise<CloseInfo> {
    return this.#parts.closed;
  }

  /** Aborted at once when the connection ends; made on first use. */
  get signal(): AbortSignal {
    return this.#parts.signal;
  }

  /** Bytes accepted and not yet handed to the operating system. */
  get bufferedAmount(): number {
    return this.#parts.wire.bufferedAmount;
  }

  /** Messages and bytes dropped whole: by the back-pressure policy, or for an iteration left. */
  get dropped(): { readonly messages: number; readonly bytes: number } {
    return this.#outgoing.dropped;
  }

  /**
   * Sends a message, or with `fin` given a fragment of one. True: go on; false: stop and await
   * `drained()`, the message was dropped, or the connection is not open. Throws a TypeError for
   * anything but text and bytes, ERR_MESSAGE_UNFINISHED inside a message in fragments.
   */
  send(message: Payload, options?: SendOptions): boolean {
    return this.#outgoing.send(message, options);
  }

  /**
   * Sends one message from many pieces, at the pace of the peer; other messages wait behind it.
   * Rejects with ERR_NOT_OPEN when the connection ends first; a source that throws fails it.
   */
  sendFragments(pieces: Pieces, type: 'text' | 'binary'): Promise<void> {
    return this.#outgoing.sendFragments(pieces, type);
  }

  /** Resolves when less than the soft mark is buffered; rejects with ERR_NOT_OPEN. */
  drained(): Promise<void> {
    return this.#outgoing.drained();
  }

  /**
   * Sends a Ping of at most 125 bytes (RFC 6455 §5.5.2); resolves to its round trip in
   * milliseconds. Throws a RangeError for more; rejects with ERR_NOT_OPEN, or with ERR_TIMEOUT where
   * messages that wait for a handler hold the answer up for 20 s.
   */
  ping(bytes: Payload = nothing): Promise<number> {
    return this.#outgoing.ping(bytes);
  }

  /**
   * Starts the closing handshake behind all that was sent (RFC 6455 §7.1.2); a reason over 123
   * bytes is cut. Throws a RangeError for a code that must not be sent. Later calls change nothing.
   */
  close(code: number = CloseCode.Normal, reason = ''): Promise<CloseInfo> {
    checkClose(code, reason);
    const { state } = this;
    if (state === 'open' || state === 'close-received') this.#parts.close(code, reason);
    this.resume();
    return this.closed;
  }

  /** Drops the transport at once, without a Close. */
  terminate(): void {
    this.#parts.wire.terminate();
  }

  /**
   * Gives the next message, undefined after a clean end. Rejects with ERR_TIMEOUT, with the
   * signal's reason or with a ConnectionClosedError; throws a TypeError where a handler receives.
   */
  receive(options: ReceiveOptions & { readonly pieces: true }): Promise<PulledPiece | undefined>;
  receive(options?: ReceiveOptions): Promise<Message | undefined>;
  receive(options?: object): Promise<Message | PulledPiece | undefined> {
    return this.#parts.application.pull(options);
  }

  /** The messages until the end; leaving the iteration early closes the connection. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    this.#parts.application.checkPull();
    return iterate({
      next: () => this.receive(),
      leave: () => {
        this.#parts.application.leave();
        void this.close();
      },
    });
  }

  /** Receives nothing more until `resume`; what the peer sends stays with the peer. */
  pause(): void {
    if (this.state !== 'open') return;
    this.#parts.application.pause();
    this.#parts.wire.reading.hold(Hold.Paused);
  }

  resume(): void {
    this.#parts.application.resume();
    this.#parts.wire.reading.release(Hold.Paused);
  }

  /** Vouches for the peer: the heartbeat starts afresh. */
  markAlive(): void {
    this.#parts.wire.deadlines.markAlive();
  }
}

/** The way out of a connection, for what is sent to many; undefined for anything else. */
export function outgoingOf(value: unknown): Outgoing | undefined {
  return typeof value === 'object' && value !== null ? outgoing(value) : undefined;
}

function checkClose(code: number, reason: string): void {
  if (typeof code !== 'number') throw wrongType('code', 'a number', code);
  if (typeof reason !== 'string') throw wrongType('reason', 'a string', reason);
  if (isValidCloseCode(code)) return;
  throw new RangeError(`code must be 1000–1003, 1007–1014 or 3000–4999, but is ${code}`);
}
