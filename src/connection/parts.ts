import { CloseCode } from '../protocol/closing/close-code.ts';
import type { ProtocolPiece } from '../protocol/handler.ts';
import type { MessageHeader } from '../protocol/receiving/message-sink.ts';
import type { CloseInfo } from './closing/close-info.ts';
import type { Connection } from './connection.ts';
import type { Message } from './handler.ts';
import { Application, type ApplicationOwner } from './receiving/application.ts';
import { Hold } from './receiving/reading.ts';
import { tell } from './reporting/diagnostics.ts';
import type { LimitName } from './reporting/tally.ts';
import type { WireOwner } from './reporting/wire-owner.ts';
import { notOpen, type Sending } from './sending/backpressure.ts';
import { Outgoing } from './sending/outgoing.ts';
import type { ConnectionKeeper, ConnectionSetup } from './setup.ts';
import type { Clock } from './timing/clock.ts';
import { Wire } from './wire.ts';

/** The end of a connection, for whoever waits for it. */
class Ending {
  readonly closed: Promise<CloseInfo>;
  resolve: (info: CloseInfo) => void = () => {};

  /** With what there is to tell, if it is over already. */
  constructor(info: CloseInfo | undefined) {
    this.closed =
      info === undefined
        ? new Promise((resolve) => (this.resolve = resolve))
        : Promise.resolve(info);
  }
}

/** What hangs on it is done in a microtask; `queueMicrotask` makes a resource of each call. */
const settled = Promise.resolve();

/** The parts of one connection, and what each tells the others. */
export class Parts<Context, Params> implements WireOwner, ApplicationOwner, Sending {
  readonly wire: Wire;
  readonly application: Application<Context, Params>;
  readonly outgoing: Outgoing;
  readonly #connection: Connection<Context, Params>;
  readonly #keeper: ConnectionKeeper | undefined;
  #ending: Ending | undefined;
  #info: CloseInfo | undefined;
  #abort: AbortController | undefined;
  #over = false;

  constructor(
    connection: Connection<Context, Params>,
    setup: ConnectionSetup<Context, Params>,
    clock: Clock,
  ) {
    this.#connection = connection;
    this.#keeper = setup.keeper;
    this.application = new Application(connection, setup, clock, this);
    this.wire = new Wire(setup, clock, this, this.application);
    this.outgoing = new Outgoing(this.wire, setup.options.backpressure, this);
  }

  /** Whether the connection is over as far as the peer is concerned. */
  get over(): boolean {
    return this.#over;
  }

  /** Resolves when the connection has ended; made on first use. */
  get closed(): Promise<CloseInfo> {
    this.#ending ??= new Ending(this.#info);
    return this.#ending.closed;
  }

  /** Aborted at once when the connection ends; made on first use. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#over) this.#abort.abort(notOpen());
    return this.#abort.signal;
  }

  /** Starts the closing handshake behind all that was sent. */
  close(code: number, reason: string): void {
    const { wire, outgoing } = this;
    wire.record.requested();
    outgoing.flush();
    outgoing.onClosing();
    wire.protocol.close(code, reason);
    this.application.onClosing();
    if (wire.reading.holds(Hold.Undecided)) wire.reading.decide(true);
  }

  get unsent(): number {
    return this.outgoing.unsent;
  }

  onMessage(data: Message, header: MessageHeader): void {
    this.application.onMessage(data, header);
  }

  onPiece(bytes: Uint8Array, piece: ProtocolPiece): void {
    this.application.onPiece(bytes, piece);
  }

  onPing(bytes: Uint8Array): void {
    this.application.onPing(bytes);
  }

  onPong(bytes: Uint8Array, roundTripMs: number | undefined): void {
    this.application.onPong(bytes, roundTripMs);
  }

  onWrite(): void {
    this.outgoing.onWrite();
  }

  onProgress(): void {
    this.outgoing.onProgress();
  }

  onError(error: unknown): void {
    this.application.onError(error);
  }

  onLimit(limit: LimitName): void {
    const connection = this.#connection;
    const { remoteAddress } = connection;
    this.wire.traffic.tally.hit(limit);
    tell('hawser:limit', () => ({ limit, connection, remoteAddress }));
  }

  onClosing(): void {
    this.outgoing.onClosing();
  }

  onEnding(): void {
    this.#over = true;
    this.#abort?.abort(notOpen());
    this.outgoing.onEnding();
  }

  onEnd(info: CloseInfo): void {
    const keeper = this.#keeper;
    if (keeper !== undefined) void settled.then(() => keeper.onClosed(this.#connection, info));
    this.#info = info;
    this.#ending?.resolve(info);
    tell('hawser:connection:close', () => ({ connection: this.#connection, info }));
    this.application.onEnd(info);
  }

  hold(): void {
    this.wire.reading.hold(Hold.QueueFull);
  }

  release(): void {
    this.wire.reading.release(Hold.QueueFull);
  }

  onTaken(): void {
    this.wire.traffic.onTaken();
  }

  onHandlerError(error: unknown): void {
    this.wire.fail(CloseCode.InternalError, '', error);
  }

  onDecision(pieces: boolean): void {
    this.wire.reading.decide(pieces);
  }

  onDropped(messages: number, bytes: number): void {
    this.outgoing.drop(messages, bytes);
  }

  onDrained(): void {
    this.application.onDrained();
  }

  onDroppedSlow(messages: number, bytes: number): void {
    const connection = this.#connection;
    tell('hawser:connection:drop', () => ({ connection, messages, bytes }));
  }
}
