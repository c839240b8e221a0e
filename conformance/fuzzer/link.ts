import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

import type { Event, Step } from '../case.ts';
import { Deflater, Inflater } from '../wire/deflate.ts';
import type { Agreement } from '../wire/deflate.ts';
import { close, encode, opcodes, pong } from '../wire/frame.ts';
import type { Frame } from '../wire/frame.ts';
import { FrameReader } from '../wire/reader.ts';
import { Incoming } from './incoming.ts';
import { timers } from './timers.ts';

/** Whether a frame starts the closing handshake; one that breaks a rule does not. */
function isLawfulClose({ opcode, rsv, wrongMask }: Frame): boolean {
  return opcode === opcodes.close && rsv === undefined && wrongMask !== true;
}

/** The fuzzer's end of one open connection: sends whatever it is told, records what comes. */
export class Link {
  /** Events not yet taken, in order. */
  readonly received: Event[] = [];
  /** Rules the tested side broke in what it sent. */
  readonly violations: string[] = [];
  readonly agreement: Agreement | undefined;
  readonly deflater: Deflater | undefined;
  readonly incoming: Incoming;
  readonly socket: Socket;
  /** Who started the closing handshake or failed the connection. */
  closedBy: 'fuzzer' | 'peer' | undefined;
  sentClose = false;
  peerClose: { readonly code: number | undefined; readonly reason: string } | undefined;
  /** Whether the fuzzer had to drop TCP itself. */
  dropped = false;
  timedOut = false;
  /** Whether the peer's FIN has come, and whether the socket is gone. */
  finished = false;
  gone = false;
  /** Answers no Close and no FIN, and drops nothing by itself. */
  passive = false;
  onEvent: () => void = () => {};
  /** Resolves when TCP is gone. */
  readonly ended: Promise<void>;
  readonly #role: 'client' | 'server';
  readonly #reader = new FrameReader();
  readonly #inflater: Inflater | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => {};

  constructor(
    socket: Socket,
    role: 'client' | 'server',
    agreement: Agreement | undefined,
    rest: Buffer,
  ) {
    this.socket = socket;
    this.#role = role;
    this.agreement = agreement;
    const other = role === 'client' ? 'server' : 'client';
    if (agreement !== undefined) {
      this.deflater = new Deflater(agreement[role]);
      this.#inflater = new Inflater(agreement[other]);
    }
    this.incoming = new Incoming(role === 'server', this.#inflater, this.#sink());
    this.ended = new Promise((resolve) => {
      socket.once('close', () => resolve(this.#onGone()));
    });
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#onFin());
    if (rest.length > 0) this.#onData(rest);
    socket.resume();
  }

  /** Whether both Close frames passed and the right side dropped TCP. */
  get clean(): boolean {
    const both = this.sentClose && this.peerClose !== undefined;
    return both && (this.#role === 'server' || !this.dropped);
  }

  /** Encodes a frame for this end's role. */
  encode(frame: Frame): Buffer {
    return encode(frame, this.#role);
  }

  /** Sends frames in one write. */
  send(...frames: readonly Frame[]): void {
    this.write(Buffer.concat(frames.map((frame) => this.encode(frame))));
  }

  /** Writes bytes as they are. */
  write(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Writes bytes in pieces of `size`, each in a turn of its own. */
  async writeChopped(bytes: Buffer, size: number): Promise<void> {
    for (let start = 0; start < bytes.length && !this.gone; start += size) {
      this.write(bytes.subarray(start, start + size));
      if (this.socket.writableNeedDrain) await Promise.race([this.ended, sleep(1)]);
      else await turn();
    }
  }

  /** Plays steps; `chop` says how the bytes reach TCP. */
  async run(steps: readonly Step[], chop?: 'frames' | number): Promise<void> {
    let bytes = Buffer.alloc(0);
    const flush = async (): Promise<void> => {
      if (bytes.length > 0)
        await this.writeChopped(bytes, chop === 'frames' ? Infinity : (chop ?? Infinity));
      bytes = Buffer.alloc(0);
    };
    for (const step of steps) {
      if ('pause' in step) {
        await flush();
        await sleep(step.pause);
        if (this.closedBy !== undefined) return;
        if (step.tag !== undefined) this.#record({ type: 'timeout', tag: step.tag });
      } else if ('flush' in step) await flush();
      else {
        if ('opcode' in step && isLawfulClose(step)) this.#closing();
        bytes = Buffer.concat([bytes, 'raw' in step ? step.raw : this.encode(step)]);
        if (chop === 'frames') await flush();
      }
    }
    await flush();
  }

  /** Starts (or answers) the closing handshake. */
  close(code?: number, reason: string | Buffer = ''): void {
    if (this.sentClose || this.gone) return;
    this.send(close(code, reason));
    this.#closing();
  }

  /** Fails the connection because the peer did not do what it should have done in time. */
  fail(): void {
    this.closedBy ??= 'fuzzer';
    this.timedOut = true;
    this.drop();
  }

  /** Drops TCP. */
  drop(): void {
    this.dropped = true;
    this.socket.destroy();
  }

  /** Takes the next event; undefined when the connection ended first. */
  async take(): Promise<Event | undefined> {
    while (this.received.length === 0 && !this.gone && this.peerClose === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.received.shift();
  }

  /** Waits until the condition holds; false when the time (ms) was over first. */
  async until(condition: () => boolean, timeout: number): Promise<boolean> {
    const deadline = performance.now() + timeout;
    while (!condition() && performance.now() < deadline) await sleep(5);
    return condition();
  }

  #closing(): void {
    this.sentClose = true;
    this.closedBy ??= 'fuzzer';
    if (this.peerClose === undefined && !this.passive) this.#dropAfter(timers.closeReply);
  }

  #dropAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.timedOut = true;
      this.drop();
    }, ms);
  }

  #sink(): ConstructorParameters<typeof Incoming>[2] {
    return {
      message: (payload, binary) => this.#record({ type: 'message', payload, binary }),
      pong: (payload) => this.#record({ type: 'pong', payload }),
      ping: (payload) => this.send(pong(payload)),
      close: (code, reason) => this.#onClose(code, reason),
      violation: (what) => this.violations.push(what),
    };
  }

  #record(event: Event): void {
    this.received.push(event);
    this.#wake();
    this.onEvent();
  }

  #onData(chunk: Buffer): void {
    for (const frame of this.#reader.push(chunk)) this.incoming.frame(frame);
  }

  #onClose(code: number | undefined, reason: string): void {
    this.peerClose = { code, reason };
    this.closedBy ??= 'peer';
    this.#wake();
    if (this.passive) return;
    clearTimeout(this.#timer);
    if (!this.sentClose) this.close(code);
    if (this.#role === 'server') this.socket.end();
    this.#dropAfter(timers.tcpDrop);
  }

  #onFin(): void {
    this.finished = true;
    this.closedBy ??= 'peer';
    if (!this.passive) this.socket.end();
  }

  #onGone(): void {
    clearTimeout(this.#timer);
    this.gone = true;
    this.closedBy ??= 'peer';
    this.#wake();
  }
}
