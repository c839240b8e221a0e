import { CloseCode } from '../protocol/closing/close-code.ts';
import type { ProtocolError } from '../protocol/errors.ts';
import type { ProtocolHandler, ProtocolPiece } from '../protocol/handler.ts';
import { Protocol } from '../protocol/protocol.ts';
import type { MessageHeader } from '../protocol/receiving/message-sink.ts';
import type { Transport, TransportSink } from '../transport/transport.ts';
import { CloseRecord } from './closing/close-record.ts';
import type { WaitingMessages } from './limits/allowance.ts';
import { Traffic, type TrafficSource } from './limits/traffic.ts';
import { protocolOptions, type WireSetup } from './options/protocol-options.ts';
import { bytesToKeep, sharedToKeep } from './receiving/bytes-to-keep.ts';
import { Hold, Reading } from './receiving/reading.ts';
import { type LimitName, limitOf } from './reporting/tally.ts';
import type { WireOwner } from './reporting/wire-owner.ts';
import type { Clock } from './timing/clock.ts';
import { type DeadlineActions, Deadlines } from './timing/deadlines.ts';
import { Pings } from './timing/pings.ts';

/** Protocol, transport and deadlines of one connection, joined; it knows why it ended. */
export class Wire implements ProtocolHandler, TransportSink, TrafficSource, DeadlineActions {
  readonly protocol: Protocol;
  readonly deadlines: Deadlines;
  readonly reading: Reading;
  readonly traffic: Traffic;
  readonly transport: Transport;
  readonly #owner: WireOwner;
  #record: CloseRecord | undefined;
  #pings: Pings | undefined;
  readonly #keep: typeof bytesToKeep;
  #peerEndsFirst: boolean;
  #error: Error | undefined;
  /** Both ends come in either order: the protocol's, and the transport's. */
  #protocolOver = false;
  #transportOver = false;

  constructor(setup: WireSetup, clock: Clock, owner: WireOwner, received: WaitingMessages) {
    this.transport = setup.transport;
    this.#owner = owner;
    this.#peerEndsFirst = setup.role === 'client';
    this.#keep = setup.role === 'client' ? sharedToKeep : bytesToKeep;
    this.protocol = new Protocol(protocolOptions(setup, owner), this);
    this.deadlines = new Deadlines(clock, setup.options, this);
    this.reading = new Reading(this.protocol, this.transport, this.deadlines);
    this.traffic = new Traffic(this, received, this.deadlines, setup.tally);
  }

  get pings(): Pings {
    return (this.#pings ??= new Pings(this.deadlines.clock));
  }

  get record(): CloseRecord {
    return (this.#record ??= new CloseRecord());
  }

  get bufferedAmount(): number {
    return this.#owner.unsent + this.handedAmount;
  }

  get handedAmount(): number {
    return this.protocol.bufferedAmount + this.transport.bufferedAmount;
  }

  get blocked(): boolean {
    return this.transport.blocked;
  }

  start(): void {
    this.transport.start(this);
  }

  /** Fails the connection from this side (RFC 6455 §7.1.7). */
  fail(code: number, reason: string, error: unknown, limit?: LimitName): void {
    // After both Closes only what still waits to leave can be given up.
    if (this.#protocolOver) return limit === 'memoryBudget.output' ? this.terminate() : undefined;
    this.hit(limit);
    // No Close can tell the peer any more: it is the transport's end that counts.
    if (this.#transportOver) return this.lost(this.#error);
    this.record.failed(error);
    this.protocol.fail(code, reason);
  }

  /** A limit was hit, if it is one: it is counted, and told to whoever listens. */
  hit(limit: LimitName | undefined): void {
    if (limit !== undefined) this.#owner.onLimit(limit);
  }

  terminate(): void {
    this.record.terminated();
    this.#drop();
  }

  /** The transport is dropped because the peer is gone. */
  lost(error: Error | undefined, limit?: LimitName): void {
    this.hit(limit);
    this.record.lost(error);
    this.#drop();
  }

  ping(): void {
    this.protocol.ping(this.pings.heartbeat());
  }

  linger(): void {
    this.transport.destroy();
  }

  receive(chunk: Uint8Array, borrowed = false): void {
    this.reading.receive(chunk, borrowed);
    this.traffic.onReceived(chunk.length);
  }

  receiveEnd(): void {
    this.#peerEndsFirst = false;
    this.protocol.receiveEnd();
    if (this.#protocolOver) this.transport.end();
  }

  onOversized(): void {
    this.reading.hold(Hold.Undecided);
  }

  onInflated(): void {
    this.traffic.onInflated();
  }

  onReady(): void {
    this.traffic.onDecoded();
    this.reading.onReady();
  }

  onBlocked(): void {
    this.deadlines.onBlocked();
    this.traffic.onWaiting();
  }

  onDrain(): void {
    if (this.blocked) this.deadlines.onBlocked();
    else this.deadlines.onUnblocked();
    if (!this.blocked) this.protocol.unblocked();
    this.#owner.onProgress();
  }

  onClosed(error: Error | undefined): void {
    this.#transportOver = true;
    this.#error = error;
    this.deadlines.stop();
    this.#owner.onEnding();
    if (this.#protocolOver) return this.#finish();
    // No rate is kept any more: what was read already is all that can come.
    this.traffic.end();
    this.protocol.receiveEnd();
    // A Close that was to be answered cannot be answered any more.
    if (!this.#protocolOver && !this.protocol.busy) this.lost(error);
  }

  onText(text: string, header: MessageHeader): void {
    this.traffic.onMessage();
    this.#owner.onMessage(text, header);
  }

  onBinary(bytes: Uint8Array, start: number, end: number, header: MessageHeader): void {
    this.traffic.onMessage();
    this.#owner.onMessage(this.#keep(bytes, start, end), header);
  }

  onPiece(bytes: Uint8Array, start: number, end: number, piece: ProtocolPiece): void {
    if (piece.last) this.traffic.onMessage();
    this.#owner.onPiece(bytesToKeep(bytes, start, end), piece);
  }

  onPing(bytes: Uint8Array, start: number, end: number): void {
    this.#owner.onPing(bytesToKeep(bytes, start, end));
    this.traffic.onControlFrame(end - start, false);
  }

  onPong(bytes: Uint8Array, start: number, end: number): void {
    const payload = bytesToKeep(bytes, start, end);
    const roundTripMs = this.#pings?.answered(payload);
    this.#owner.onPong(payload, roundTripMs);
    this.traffic.onControlFrame(end - start, roundTripMs !== undefined);
  }

  onClose(code: number, reason: string): void {
    this.record.received({ code, reason });
    this.#owner.onClosing();
  }

  onCloseSent(code: number, reason: string): void {
    if (this.#transportOver) return;
    this.record.sent({ code, reason });
    if (this.protocol.state === 'close-sent') this.deadlines.onCloseSent(this.blocked);
  }

  onViolation(error: ProtocolError): void {
    this.record.violated(error);
    this.hit(limitOf(error.violation));
  }

  onEnd(code: number): void {
    const clean = code !== CloseCode.Abnormal;
    if (!clean || this.#transportOver) this.record.lost(this.#error);
    this.#protocolOver = true;
    this.reading.end();
    this.#owner.onClosing();
    this.#owner.onEnding();
    if (this.#transportOver) return this.#finish();
    this.deadlines.onEnded(clean, this.blocked);
    // After both Closes the server ends TCP first, so that it keeps no waiting socket (§7.1.1).
    if (!clean || !this.#peerEndsFirst) this.transport.end();
  }

  get space(): Uint8Array | undefined {
    return this.transport.space;
  }

  reserve(length: number): number {
    const offset = this.transport.reserve?.(length) ?? -1;
    if (offset >= 0) this.traffic.onReserved(length, this.transport.bufferedAmount);
    return offset;
  }

  write(bytes: Uint8Array): void {
    this.transport.write(bytes);
    this.traffic.onWritten(bytes.length, this.transport.bufferedAmount);
  }

  onWrite(): void {
    this.#owner.onWrite();
  }

  #drop(): void {
    if (!this.#protocolOver) {
      this.#protocolOver = true;
      this.protocol.terminate();
      this.#owner.onClosing();
      this.#owner.onEnding();
      if (this.#transportOver) return this.#finish();
    }
    this.deadlines.stop();
    this.transport.destroy();
  }

  #finish(): void {
    this.traffic.end();
    const lost = this.bufferedAmount + this.protocol.droppedAmount;
    const info = this.record.info(lost, this.#pings?.lastRoundTripMs);
    this.#pings?.end(info);
    this.#owner.onEnd(info);
  }
}
