import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';

import { listsUpgrade } from '../../handshake/header-list.ts';
import { type HeadLimits, readWholeHead, requestLine } from '../../handshake/http-head.ts';
import {
  disown,
  isWatched,
  release,
  type StreamOwner,
  watchData,
  watchErrors,
} from '../../transport/stream-events.ts';
import type { ReceivedRequest } from '../request/request.ts';
import { asksForWebSocket } from './handover.ts';

const nothing = new Uint8Array(0);

/** An opening request, and what came behind its head. */
export interface FirstRequest {
  readonly request: ReceivedRequest;
  readonly behind: Uint8Array;
}

/** What becomes of what a client sends first. */
export interface FirstReadOptions {
  /** Within them a head is read here; a line may be of any length, as endpoints judge that. */
  readonly limits: HeadLimits;
  /** Reads everything that is no opening request, whole and without fault. */
  readonly others: HttpServer;
  onOpening(first: FirstRequest): void;
}

/**
 * Reads what a client sends first. An opening request that comes whole, as nearly all do, goes to
 * the listener; the client of anything else goes with it to Node's parser, which answers as it
 * always does.
 */
export function readFirst(socket: Socket, options: FirstReadOptions): void {
  watchErrors(socket, new FirstRead(socket, options));
  watchData(socket);
}

/** Owns a socket until its first bytes have come. */
class FirstRead implements StreamOwner {
  readonly #socket: Socket;
  readonly #options: FirstReadOptions;

  constructor(socket: Socket, options: FirstReadOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  onData(chunk: Uint8Array): void {
    const socket = this.#socket;
    disown(socket);
    // Refused already: nothing more is read.
    if (!socket.writable) return void socket.destroy();
    const request = openingIn(chunk, socket, this.#options.limits);
    if (request === undefined) return giveTo(this.#options.others, socket, chunk);
    this.#options.onOpening(request);
    // The next reader may wait for the application: until it is there nothing is lost.
    if (socket.writable && !isWatched(socket)) socket.pause();
  }

  onEnd(): void {
    this.#socket.end();
  }

  // TLS leaves it to its listeners to end a client that asks for new keys again and again.
  onError(): void {
    this.#socket.destroy();
  }

  onClose(): void {}
}

function openingIn(
  chunk: Uint8Array,
  socket: Socket,
  limits: HeadLimits,
): FirstRequest | undefined {
  const whole = readWholeHead(requestLine, chunk, limits);
  if (whole === undefined) return undefined;
  const { start, headers, consumed } = whole;
  // What Node's parser might refuse or read as something else is left to it.
  if (start.method !== 'GET' || start.httpVersion !== '1.1' || !/^\/[!-~]*$/.test(start.target)) {
    return undefined;
  }
  if (headers.has('Content-Length') || headers.has('Transfer-Encoding')) return undefined;
  if (!asksForWebSocket(headers.get('Upgrade')) || !listsUpgrade(headers)) return undefined;
  const behind = consumed === chunk.length ? nothing : chunk.subarray(consumed);
  return { request: { start, headers, socket, malformed: false }, behind };
}

function giveTo(server: HttpServer, socket: Socket, chunk: Uint8Array): void {
  release(socket);
  // Paused, so that nothing is lost between the two readers.
  socket.pause();
  socket.unshift(chunk);
  server.emit('connection', socket);
  socket.resume();
}
