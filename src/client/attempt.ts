import { connect as connectTcp, type Socket } from 'node:net';
import type { ConnectionOptions as TlsOptions } from 'node:tls';

import { TimeoutError } from '../connection/reporting/errors.ts';
import { type Clock, type Deadline, sharedClock } from '../connection/timing/clock.ts';
import type { Accepted } from '../handshake/decision.ts';
import { HandshakeError } from '../handshake/errors.ts';
import type { OpeningRequest } from '../handshake/request.ts';
import { tls as nodeTls } from '../transport/node-tls.ts';
import { type Address, serverName } from './address.ts';
import { describeFailure } from './failure.ts';
import { type Answer, AnswerReader } from './http1.ts';
import { SharedReads } from './shared-reads.ts';

/** What an attempt needs to know; times in milliseconds. */
export interface AttemptPlan {
  readonly address: Address;
  readonly request: OpeningRequest;
  readonly tls: TlsOptions;
  readonly connectTimeout: number;
  readonly handshakeTimeout: number;
  readonly signal: AbortSignal | undefined;
}

/** What becomes of an attempt: exactly one call, never during `start`. */
export interface AttemptSink {
  /** The socket is handed over with nothing of the attempt left on it. */
  onAccepted(socket: Socket, accepted: Accepted, rest: Uint8Array, reads: SharedReads): void;
  onFailed(error: unknown): void;
}

/** One attempt to open a connection; however it fails, it leaves no socket, timer or listener. */
export class Attempt {
  readonly #plan: AttemptPlan;
  readonly #sink: AttemptSink;
  readonly #clock: Clock;
  readonly #reader: AnswerReader;
  readonly #reads = new SharedReads();
  #socket: Socket | undefined;
  #deadline: Deadline | undefined;
  #connected = false;

  constructor(plan: AttemptPlan, sink: AttemptSink, clock: Clock = sharedClock) {
    this.#plan = plan;
    this.#sink = sink;
    this.#clock = clock;
    this.#reader = new AnswerReader(plan.request);
  }

  /** Begins to connect. */
  start(): void {
    const { signal, connectTimeout, address } = this.#plan;
    if (signal?.aborted === true) return queueMicrotask(this.#onAbort);
    signal?.addEventListener('abort', this.#onAbort);
    this.#limit(connectTimeout, `no connection to ${address.authority}`);
    try {
      this.#socket = this.#connect();
    } catch (error) {
      // What node:tls says of certificates and keys; a promise tells it, as it tells the rest.
      queueMicrotask(() => this.#onError(error as Error));
    }
  }

  #connect(): Socket {
    const { address, tls } = this.#plan;
    const { host, port, socketPath: path } = address;
    const where = { ...(path === undefined ? { host, port } : { path }), allowHalfOpen: true };
    const socket = address.secure
      ? nodeTls.connect({ ...tlsDefaults(host), ...tls, ...where })
      : connectTcp({ ...where, onread: this.#reads.onread });
    this.#reads.onChunk = (chunk) => this.#onData(new Uint8Array(chunk));
    socket.on(address.secure ? 'secureConnect' : 'connect', this.#onConnect);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onEnd);
    return socket;
  }

  readonly #onConnect = (): void => {
    const { address, handshakeTimeout, request } = this.#plan;
    this.#connected = true;
    this.#limit(handshakeTimeout, `no answer from ${address.authority}`);
    this.#socket?.setNoDelay(true);
    this.#socket?.write(request.bytes);
  };

  readonly #onData = (chunk: Uint8Array): void => {
    const result = this.#reader.receive(chunk);
    if (result instanceof HandshakeError) this.#fail(result);
    else if (result !== undefined) this.#succeed(result);
  };

  readonly #onEnd = (): void => {
    this.#fail(this.#reader.end());
  };

  readonly #onError = (error: Error): void => {
    if (this.#connected) return this.#fail(this.#reader.end(error));
    const detail = `${this.#plan.address.authority}: ${describeFailure(error)}`;
    this.#fail(new HandshakeError('UNREACHABLE', { cause: error, detail }));
  };

  readonly #onAbort = (): void => {
    this.#fail(this.#plan.signal?.reason);
  };

  #limit(timeout: number, what: string): void {
    this.#deadline?.cancel();
    this.#deadline = this.#clock.after(timeout, () => {
      // A refusal that is only slow to end says more than that it was slow.
      if (this.#reader.refused) this.#fail(this.#reader.end());
      else this.#fail(new TimeoutError(`${what} within ${timeout} ms`));
    });
  }

  #succeed({ accepted, rest }: Answer): void {
    const socket = this.#release();
    if (socket !== undefined) this.#sink.onAccepted(socket, accepted, rest, this.#reads);
  }

  #fail(error: unknown): void {
    const socket = this.#release();
    // What a socket says after its end concerns nobody, but unheard it would end the process.
    socket?.on('error', ignore);
    socket?.destroy();
    this.#sink.onFailed(error);
  }

  #release(): Socket | undefined {
    this.#deadline?.cancel();
    this.#plan.signal?.removeEventListener('abort', this.#onAbort);
    const socket = this.#socket;
    this.#reads.onChunk = ignore;
    socket?.off('connect', this.#onConnect).off('secureConnect', this.#onConnect);
    socket?.off('data', this.#onData).off('end', this.#onEnd);
    socket?.off('error', this.#onError).off('close', this.#onEnd);
    return socket;
  }
}

function tlsDefaults(host: string): TlsOptions {
  const servername = serverName(host);
  return {
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    ...(servername === undefined ? {} : { servername }),
  };
}

function ignore(): void {}
