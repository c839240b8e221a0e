import type {
  IncomingMessage,
  Server as HttpServer,
  ServerOptions,
  ServerResponse,
} from 'node:http';
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';

import { refuse } from '../../handshake/decision.ts';
import type { Refusal } from '../../handshake/errors.ts';
import type { HeadLimits } from '../../handshake/http-head.ts';
import { tls as nodeTls } from '../../transport/node-tls.ts';
import type { Arrival } from '../host.ts';
import { Roster } from '../limits/roster.ts';
import type { ResolvedListenOptions } from '../options/options.ts';
import { receivedRequest } from '../request/request.ts';
import type { ServerTally } from '../stats.ts';
import { type FirstReadOptions, type FirstRequest, readFirst } from './first-read.ts';
import { asksForWebSocket, Handover } from './handover.ts';
import { http } from './node-http.ts';
import { type OpeningLimits, Openings } from './opening.ts';
import { answer } from './plain.ts';

/** What a front hands on: requests whose heads are complete. */
export interface FrontListener {
  onUpgrade(arrival: Arrival): void;
  onRequest(request: IncomingMessage, response: ServerResponse): void;
}

/** Where a server listens. */
export interface ServerAddress {
  /** The IP address, or the path of the unix socket. */
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6' | 'unix';
  /** The port, 0 for a unix socket. */
  readonly port: number;
}

/** What a front is made from. */
export interface FrontOptions extends OpeningLimits {
  readonly tls: TlsOptions | undefined;
  readonly limits: HeadLimits;
  readonly tally: ServerTally;
}

/** The longest time that Node's timers know, in milliseconds. */
const LONGEST = 0x7fff_ffff;

/**
 * Milliseconds by which Node's own deadlines come later than ours: they count time in which the
 * event loop stood still, and are judged before what came meanwhile is read.
 */
const STALL_ROOM = 20_000;

/** What listens under `serve`: holds the limits and deadlines of heads, and survives any input. */
export class Front {
  readonly #server: NetServer;
  /** Reads all that is no opening request, and all that follows a plain one; it does not listen. */
  readonly #http: HttpServer;
  readonly #openings: Openings;
  readonly #tally: ServerTally;
  readonly #sockets = new Roster<Socket>();
  readonly #answering = new WeakSet<Duplex>();
  readonly #handover: Handover;
  readonly #limits: HeadLimits;
  readonly #listener: FrontListener;
  readonly #printed = new Set<string>();
  #closing = false;

  constructor(options: FrontOptions, listener: FrontListener) {
    this.#listener = listener;
    this.#limits = options.limits;
    this.#tally = options.tally;
    this.#openings = new Openings(options, options.tally);
    this.#http = http.createServer(httpSettings(options));
    // One more than allowed, so that one too many can be told from the most.
    this.#http.maxHeadersCount = options.limits.lines + 1;
    this.#http.on('upgrade', this.#onUpgrade);
    this.#http.on('request', this.#onRequest);
    this.#http.on('clientError', this.#onClientError);
    this.#handover = new Handover(this.#http);
    const { tls, timeout } = options;
    this.#server =
      tls === undefined
        ? createNetServer({ allowHalfOpen: true, noDelay: true })
        : nodeTls.createServer(tlsSettings(tls, timeout));
    this.#watch(tls !== undefined);
  }

  #watch(secure: boolean): void {
    const server = this.#server;
    const first: FirstReadOptions = {
      limits: { ...this.#limits, lineSize: Infinity },
      others: this.#http,
      onOpening: this.#onOpening,
    };
    const sockets = this.#sockets;
    const openings = this.#openings;
    function forgetThis(this: Socket): void {
      sockets.delete(this);
      openings.complete(this);
    }
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', forgetThis);
      if (secure) return openings.beginTls(socket);
      openings.begin(socket);
      readFirst(socket, first);
    });
    if (!secure) return;
    server.on('secureConnection', (socket: Socket) => {
      openings.secure(socket);
      readFirst(socket, first);
    });
    server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  }

  /** How many clients have not sent their head yet. */
  get pendingHandshakes(): number {
    return this.#openings.size;
  }

  /** Begins to listen; rejects when that is not possible. */
  listen({ port, host, path }: ResolvedListenOptions): Promise<ServerAddress> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(path === undefined ? { port, host } : { path }, () => {
        server.off('error', reject);
        server.on('error', this.#onError);
        // From here on it watches over the deadlines of what it reads.
        this.#http.emit('listening');
        resolve(addressOf(server));
      });
    });
  }

  /** Takes no more clients, refuses those that have sent no head, and lets answers be finished. */
  close(): Promise<void> {
    this.#closing = true;
    // First of all, since newer versions of Node count clients without a request as idle.
    this.#openings.refuseAll('UNAVAILABLE');
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#http.close();
      this.#http.closeIdleConnections();
    });
  }

  /** Drops every socket that is left. */
  destroy(): void {
    for (const socket of this.#sockets.all()) socket.destroy();
  }

  readonly #onOpening = ({ request, behind }: FirstRequest): void => {
    const { socket } = request;
    const since = this.#openings.complete(socket);
    this.#listener.onUpgrade({ request, socket, behind, since });
  };

  readonly #onUpgrade = (message: IncomingMessage, socket: Duplex, head: Uint8Array): void => {
    // With a body, newer versions of Node give a stream of their own in place of the socket.
    const since = this.#openings.complete(message.socket);
    // Refused already, or sent before an earlier request had its answer, which must go first.
    if (!socket.writable || this.#answering.has(message.socket)) message.socket.destroy();
    else if (asksForWebSocket(message.headers.upgrade)) {
      const request = receivedRequest(message);
      this.#listener.onUpgrade({ request, socket, behind: head, since });
    } else this.#handover.give(message, socket, head);
  };

  readonly #onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    this.#openings.complete(socket);
    // Its deadline passed and it has its answer.
    if (!socket.writable) return void socket.destroy();
    this.#answering.add(socket);
    response.once('close', () => {
      this.#answering.delete(socket);
      if (this.#closing) this.#http.closeIdleConnections();
    });
    if (this.#closing) response.shouldKeepAlive = false;
    if (request.rawHeaders.length / 2 <= this.#limits.lines) {
      return this.#listener.onRequest(request, response);
    }
    answer(response, refuse('HEAD_TOO_LARGE'));
  };

  /** Accepting failed, as when no file descriptors are left; the server goes on. */
  readonly #onError = (error: NodeJS.ErrnoException): void => {
    const code = error.code ?? error.message;
    if (this.#printed.has(code)) return;
    this.#printed.add(code);
    process.stderr.write(`hawser: a client could not be accepted: ${error.message}\n`);
  };

  readonly #onClientError = (error: ParserError, socket: Duplex): void => {
    this.#openings.complete(socket);
    const refusal = refusalFor(error, this.#limits);
    if (refusal === undefined || this.#answering.has(socket)) socket.destroy();
    else this.#tally.refuse(refuse(refusal), socket);
  };
}

function addressOf(server: NetServer): ServerAddress {
  const address = server.address();
  if (address === null || typeof address === 'string') {
    return Object.freeze({ address: address ?? '', family: 'unix', port: 0 });
  }
  const family = address.family === 'IPv6' ? 'IPv6' : 'IPv4';
  return Object.freeze({ address: address.address, family, port: address.port });
}

function tlsSettings(tls: TlsOptions, timeout: number): TlsOptions {
  // The deadline of openings is the one that counts.
  const handshakeTimeout = Math.min(timeout + STALL_ROOM, LONGEST);
  // As HTTPS has it: nothing else is spoken here.
  const protocols = tls.ALPNCallback === undefined ? { ALPNProtocols: ['http/1.1'] } : {};
  return { handshakeTimeout, ...protocols, ...tls };
}

function httpSettings({ timeout, limits }: FrontOptions): ServerOptions {
  // Node has 0 for no timeout. Its own ones are coarse and guard the heads after the first.
  const headersTimeout = timeout === Infinity ? 0 : Math.ceil(timeout) + STALL_ROOM;
  return {
    insecureHTTPParser: false,
    maxHeaderSize: limits.headSize,
    headersTimeout,
    requestTimeout: Math.max(300_000, headersTimeout),
    connectionsCheckingInterval: 5_000,
  };
}

type ParserError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

function refusalFor(error: ParserError, { targetSize }: HeadLimits): Refusal | undefined {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    // The packet that went over the limit is all there is to look at; mostly it is the first.
    const [, target = ''] = /^[A-Z]+ (\S*)/.exec(error.rawPacket?.toString('latin1') ?? '') ?? [];
    return target.length > targetSize ? 'TARGET_TOO_LONG' : 'HEAD_TOO_LARGE';
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'TIMEOUT';
  return error.code?.startsWith('HPE_') === true ? 'MALFORMED_REQUEST' : undefined;
}
