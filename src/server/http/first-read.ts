import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';

import { HeaderList, listsUpgrade } from '../../handshake/header-list.ts';
import { type HeadLimits, readWholeHead, requestLine } from '../../handshake/http-head.ts';
import type { ReceivedRequest } from '../request/request.ts';
import { asksForWebSocket } from './handover.ts';
import { ignoreError } from './refusal.ts';

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
  const onData = (chunk: Uint8Array): void => {
    socket.off('data', onData).off('end', onEnd).off('error', destroyThis);
    socket.on('error', ignoreError);
    // Refused already: nothing more is read.
    if (!socket.writable) return void socket.destroy();
    // Nothing is lost until the next reader is there, which may wait for the application.
    socket.pause();
    const request = openingIn(chunk, socket, options.limits);
    if (request !== undefined) options.onOpening(request);
    else giveTo(options.others, socket, chunk);
  };
  const onEnd = (): void => void socket.end();
  socket.on('error', destroyThis).on('data', onData).on('end', onEnd);
}

// TLS leaves it to its listeners to end a client that asks for new keys again and again.
function destroyThis(this: Socket): void {
  this.destroy();
}

function openingIn(
  chunk: Uint8Array,
  socket: Socket,
  limits: HeadLimits,
): FirstRequest | undefined {
  const whole = readWholeHead(requestLine, chunk, limits);
  if (whole === undefined) return undefined;
  const { head, consumed } = whole;
  // What Node's parser might refuse or read as something else is left to it.
  if (head.method !== 'GET' || head.httpVersion !== '1.1' || !/^\/[!-~]*$/.test(head.target)) {
    return undefined;
  }
  const headers = new HeaderList(head.headers);
  if (headers.has('content-length') || headers.has('transfer-encoding')) return undefined;
  if (!asksForWebSocket(headers.get('upgrade')) || !listsUpgrade(headers)) return undefined;
  return { request: { head, headers, socket, checked: true }, behind: chunk.subarray(consumed) };
}

function giveTo(server: HttpServer, socket: Socket, chunk: Uint8Array): void {
  socket.off('error', ignoreError);
  socket.unshift(chunk);
  server.emit('connection', socket);
  socket.resume();
}
