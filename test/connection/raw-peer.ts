import { Connection } from '../../src/connection/connection.ts';
import type { Handler } from '../../src/connection/handler.ts';
import { resolveOptions } from '../../src/connection/options/option-rules.ts';
import {
  clientDefaults,
  type ConnectionOptions,
  connectionRules,
  type ResolvedConnectionOptions,
  serverDefaults,
} from '../../src/connection/options/options.ts';
import { Tally } from '../../src/connection/reporting/tally.ts';
import type { RequestSnapshot } from '../../src/connection/setup.ts';
import type { Clock } from '../../src/connection/timing/clock.ts';
import type { DeflateParameters } from '../../src/protocol/extension/permessage-deflate.ts';
import { FrameDecoder, type FrameSink } from '../../src/protocol/frame/decoder.ts';
import { encodeFrame } from '../../src/protocol/frame/encoder.ts';
import type { FrameHeader } from '../../src/protocol/frame/header.ts';
import { Opcode } from '../../src/protocol/opcode.ts';
import type { Role } from '../../src/protocol/role.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { memoryPair } from '../../src/transport/memory.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { RecordingSink } from '../support/recording-sink.ts';

/** A frame as a peer got it. */
export interface ReceivedFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** Payload bytes of a Close frame. */
export function closePayload(code: number, reason = ''): Uint8Array {
  return Buffer.concat([Buffer.from([code >>> 8, code & 0xff]), Buffer.from(reason)]);
}

/** A peer driven by hand: it reads frames, and does nothing that it is not told to do. */
export class RawPeer implements FrameSink {
  readonly transport: Transport;
  readonly sink = new RecordingSink();
  readonly frames: ReceivedFrame[] = [];
  readonly #maskingKey: number | undefined;
  readonly #decoder: FrameDecoder;
  #pieces: Uint8Array[] = [];

  constructor(transport: Transport, role: Role) {
    this.transport = transport;
    this.#maskingKey = role === 'client' ? 0x0102_0304 : undefined;
    this.#decoder = new FrameDecoder(
      { masked: role === 'server', allowRsv1: true, allowReserved: true },
      this,
    );
    this.sink.onChunk = (chunk) => this.#decoder.decode(Uint8Array.from(chunk));
    transport.start(this.sink);
  }

  onFrame(): void {
    this.#pieces = [];
  }

  onPayload(
    header: FrameHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
  ): void {
    this.#pieces.push(bytes.slice(start, end));
    if (!last) return;
    const { opcode, fin, rsv, masked } = header;
    this.frames.push({ opcode, fin, rsv, masked, payload: Buffer.concat(this.#pieces) });
  }

  /** The bytes of a frame as this peer sends it. */
  frame(
    opcode: number,
    payload: string | Uint8Array = '',
    { fin = true, rsv = 0 } = {},
  ): Uint8Array {
    return encodeFrame(opcode, payload, { fin, rsv, maskingKey: this.#maskingKey });
  }

  send(
    opcode: number,
    payload: string | Uint8Array = '',
    bits?: { fin?: boolean; rsv?: number },
  ): void {
    this.transport.write(this.frame(opcode, payload, bits));
  }

  /** Sends texts in one write, so that they arrive in one chunk. */
  texts(...texts: readonly string[]): void {
    this.transport.write(Buffer.concat(texts.map((text) => this.frame(Opcode.Text, text))));
  }

  close(code = 1000, reason = ''): void {
    this.send(Opcode.Close, closePayload(code, reason));
  }

  /** The frames so far as short texts: opcode in hex, then the payload. */
  get log(): string[] {
    return this.frames.map(({ opcode, payload }) => {
      if (opcode !== Opcode.Close) return `${opcode.toString(16)} ${payload.toString()}`;
      const code = payload.length < 2 ? 'empty' : payload.readUInt16BE(0);
      return `close ${code} ${payload.subarray(2).toString()}`.trimEnd();
    });
  }

  /** The frames of one opcode, as texts. */
  payloads(opcode: number): string[] {
    return this.frames.filter((frame) => frame.opcode === opcode).map((f) => f.payload.toString());
  }

  /** Waits until so many frames have come. */
  async until(frames: number): Promise<void> {
    await this.sink.until(() => this.frames.length >= frames);
  }
}

/** What a connection against a raw peer is made from. */
export interface RawPairOptions {
  readonly role?: Role;
  readonly handler?: Handler | undefined;
  readonly options?: ConnectionOptions;
  /** Options that several connections share, with their budgets of memory. */
  readonly resolved?: ResolvedConnectionOptions;
  readonly clock?: Clock;
  readonly deflate?: Partial<DeflateParameters>;
  readonly highWaterMark?: number;
  readonly context?: unknown;
  readonly tally?: Tally;
  /** Bytes that came with the handshake. */
  readonly head?: Uint8Array;
}

const parameters: DeflateParameters = {
  windowBits: 15,
  peerWindowBits: 15,
  contextTakeover: false,
  peerContextTakeover: false,
};

/** The request of a connection that had no handshake. */
export function snapshot(): RequestSnapshot {
  const url = new URL('ws://localhost/');
  return Object.freeze({
    method: 'GET',
    url,
    path: '/',
    params: {},
    query: url.searchParams,
    headers: new Map(),
    cookies: {},
    remoteAddress: undefined,
  });
}

/** Options as a role resolves them. */
export function optionsOf(role: Role, options: ConnectionOptions = {}): ResolvedConnectionOptions {
  const defaults = role === 'server' ? serverDefaults : clientDefaults;
  return resolveOptions(options, connectionRules(defaults), defaults);
}

/** A connection that is not started yet, and the other end of its transport. */
export function unstarted(given: RawPairOptions = {}) {
  const { role = 'server', highWaterMark = 65_536, deflate } = given;
  const clock = new VirtualClock();
  const [near, far] = memoryPair({ highWaterMark });
  const connection = new Connection(
    {
      role,
      transport: near,
      handler: given.handler,
      options: given.resolved ?? optionsOf(role, given.options),
      request: snapshot(),
      params: {},
      context: given.context,
      subprotocol: undefined,
      extensions: '',
      deflate: deflate && { ...parameters, ...deflate },
      remoteAddress: undefined,
      tally: given.tally ?? new Tally(),
    },
    given.clock ?? clock,
  );
  return { connection, far, near, clock };
}

/** A connection whose peer is driven by hand; time is virtual unless a clock is given. */
export function rawPair(given: RawPairOptions = {}) {
  const { connection, far, near, clock } = unstarted(given);
  const peer = new RawPeer(far, given.role === 'client' ? 'server' : 'client');
  connection.start(given.head);
  return { connection, peer, clock, near };
}

/** Lets everything that was set in motion come to rest: memory transports move by microtasks. */
export async function settle(turns = 3): Promise<void> {
  for (let count = 0; count < turns; count++) await new Promise((resolve) => setImmediate(resolve));
}

/** A promise and what settles it. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
