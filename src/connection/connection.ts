import { randomBase64 } from '#platform';

import { CloseCode, isValidCloseCode } from '../protocol/closing/close-code.ts';
import type { ClosingState } from '../protocol/closing/closing.ts';
import type { Role } from '../protocol/role.ts';
import { Application, type ApplicationOwner } from './application.ts';
import type { CloseInfo } from './closing/close-info.ts';
import type { Message } from './handler.ts';
import { wrongType } from './options/option-rules.ts';
import { iterate } from './receiving/iterate.ts';
import type { PulledPiece, ReceiveOptions } from './receiving/pull.ts';
import { Hold } from './receiving/reading.ts';
import { tell } from './reporting/diagnostics.ts';
import type { WireOwner } from './reporting/wire-owner.ts';
import { notOpen } from './sending/backpressure.ts';
import { Outgoing } from './sending/outgoing.ts';
import type { Payload } from './sending/payload.ts';
import type { Pieces } from './sending/send-fragments.ts';
import type { SendOptions } from './sending/send-options.ts';
import type { ConnectionSetup, RequestSnapshot } from './setup.ts';
import { type Clock, sharedClock } from './timing/clock.ts';
import { Wire } from './wire.ts';

const nothing = new Uint8Array(0);

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
  /** Resolves when the connection has ended and says why; never rejects. */
  readonly closed: Promise<CloseInfo>;
  readonly #wire: Wire;
  readonly #application: Application<Context, Params>;
  readonly #outgoing: Outgoing;
  #abort: AbortController | undefined;
  #id: string | undefined;
  #over = false;

  /** Used by servers and clients once the opening handshake is done; `start` must follow. */
  constructor(setup: ConnectionSetup<Context, Params>, clock: Clock = sharedClock) {
    this.role = setup.role;
    this.request = setup.request;
    this.params = setup.params;
    this.context = setup.context;
    this.subprotocol = setup.subprotocol;
    this.extensions = setup.extensions;
    this.remoteAddress = setup.remoteAddress;
    let onClosed: (info: CloseInfo) => void = () => {};
    this.closed = new Promise((resolve) => (onClosed = resolve));
    this.#application = new Application(this, setup, clock, this.#applicationOwner());
    this.#wire = new Wire(setup, clock, this.#wireOwner(onClosed), this.#application);
    this.#outgoing = new Outgoing(this.#wire, setup.options.backpressure, {
      onDrained: () => this.#application.onDrained(),
      onDropped: (messages, bytes) =>
        tell('hawser:connection:drop', () => ({ connection: this, messages, bytes })),
    });
  }

  /** Begins: calls `open`, then receives, first the bytes that came with the handshake. */
  start(head: Uint8Array = nothing): void {
    this.#wire.start();
    tell('hawser:connection:open', () => ({ connection: this }));
    this.#application.open();
    if (head.length > 0) this.#wire.receive(head);
  }

  /** A text that no other connection of this process has. */
  get id(): string {
    this.#id ??= randomBase64(12).replaceAll('+', '-').replaceAll('/', '_');
    return this.#id;
  }

  /** Where the closing handshake stands (RFC 6455 §7.1). */
  get state(): ClosingState {
    return this.#over ? 'closed' : this.#wire.protocol.state;
  }

  /** Aborted at once when the connection ends; made on first use. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#over) this.#abort.abort(notOpen());
    return this.#abort.signal;
  }

  /** Bytes accepted and not yet handed to the operating system. */
  get bufferedAmount(): number {
    return this.#wire.bufferedAmount;
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
   * milliseconds. Throws a RangeError for more; rejects with ERR_NOT_OPEN.
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
    if (state === 'open' || state === 'close-received') {
      this.#wire.record.requested();
      this.#outgoing.flush();
      this.#outgoing.onClosing();
      this.#wire.protocol.close(code, reason);
      this.#application.onClosing();
      if (this.#wire.reading.holds(Hold.Undecided)) this.#wire.decide(true);
    }
    this.resume();
    return this.closed;
  }

  /** Drops the transport at once, without a Close. */
  terminate(): void {
    this.#wire.terminate();
  }

  /**
   * Gives the next message, undefined after a clean end. Rejects with ERR_TIMEOUT, with the
   * signal's reason or with a ConnectionClosedError; throws a TypeError where a handler receives.
   */
  receive(options: ReceiveOptions & { readonly pieces: true }): Promise<PulledPiece | undefined>;
  receive(options?: ReceiveOptions): Promise<Message | undefined>;
  receive(options?: object): Promise<Message | PulledPiece | undefined> {
    return this.#application.pull(options);
  }

  /** The messages until the end; leaving the iteration early closes the connection. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    this.#application.checkPull();
    return iterate({
      next: () => this.receive(),
      leave: () => {
        this.#application.leave();
        void this.close();
      },
    });
  }

  /** Receives nothing more until `resume`; what the peer sends stays with the peer. */
  pause(): void {
    if (this.state !== 'open') return;
    this.#application.pause();
    this.#wire.reading.hold(Hold.Paused);
  }

  resume(): void {
    this.#application.resume();
    this.#wire.reading.release(Hold.Paused);
  }

  /** Vouches for the peer: the heartbeat starts afresh. */
  markAlive(): void {
    this.#wire.markAlive();
  }

  #applicationOwner(): ApplicationOwner {
    return {
      hold: () => this.#wire.reading.hold(Hold.QueueFull),
      release: () => this.#wire.reading.release(Hold.QueueFull),
      onHandlerError: (error) => this.#wire.fail(CloseCode.InternalError, '', error),
      onDecision: (pieces) => this.#wire.decide(pieces),
      onDropped: (messages, bytes) => this.#outgoing.drop(messages, bytes),
      onTaken: () => this.#wire.traffic.onTaken(),
    };
  }

  #wireOwner(onClosed: (info: CloseInfo) => void): WireOwner {
    const application = this.#application;
    const unsent = (): number => this.#outgoing.unsent;
    return {
      get unsent() {
        return unsent();
      },
      onMessage: (data, header) => application.onMessage(data, header),
      onPiece: (bytes, piece) => application.onPiece(bytes, piece),
      onPing: (bytes) => application.onPing(bytes),
      onPong: (bytes, roundTripMs) => application.onPong(bytes, roundTripMs),
      onWrite: () => this.#outgoing.onWrite(),
      onProgress: () => this.#outgoing.onProgress(),
      onLimit: (limit) =>
        tell('hawser:limit', () => {
          return { limit, connection: this, remoteAddress: this.remoteAddress };
        }),
      onClosing: () => this.#outgoing.onClosing(),
      onEnding: () => {
        this.#over = true;
        this.#abort?.abort(notOpen());
        this.#outgoing.onEnding();
      },
      onEnd: (info) => {
        onClosed(info);
        tell('hawser:connection:close', () => ({ connection: this, info }));
        application.onEnd(info);
      },
    };
  }
}

function checkClose(code: number, reason: string): void {
  if (typeof code !== 'number') throw wrongType('code', 'a number', code);
  if (typeof reason !== 'string') throw wrongType('reason', 'a string', reason);
  if (isValidCloseCode(code)) return;
  throw new RangeError(`code must be 1000–1003, 1007–1014 or 3000–4999, but is ${code}`);
}
