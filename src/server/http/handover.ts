import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import { type Clock, sharedClock } from '../../connection/timing/clock.ts';
import { http } from './node-http.ts';
import { ignoreError } from './refusal.ts';

/**
 * Gives requests that ask for a protocol of others back to the `request` listeners of their server
 * (RFC 7230 §6.7: a server may ignore Upgrade). Their connections end with the answer.
 */
export class Handover {
  readonly #server: HttpServer;
  readonly #parser: HttpServer;
  readonly #clock: Clock;

  constructor(server: HttpServer, clock: Clock = sharedClock) {
    this.#server = server;
    this.#clock = clock;
    this.#parser = http.createServer({ maxHeaderSize: 65_536 });
    this.#parser.on('request', this.#serve);
  }

  /** Takes what the `upgrade` event gave. */
  give(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    socket.on('error', ignoreError);
    // Newer versions of Node go on to parse the body of such a request, older ones stop behind the
    // head: then head and body are parsed by a server that upgrades nothing.
    if (!request.complete || request.readableLength > 0) this.#answer(request);
    else this.#parseAgain(request, socket, head);
  }

  #answer(request: IncomingMessage): void {
    const { socket } = request;
    const response = new http.ServerResponse(request);
    response.assignSocket(socket);
    response.once('finish', () => {
      response.detachSocket(socket);
      socket.destroySoon();
    });
    this.#serve(request, response);
  }

  #parseAgain(
    { method, url, httpVersion, rawHeaders }: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
  ): void {
    let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
    for (const [index, part] of rawHeaders.entries()) {
      text += index % 2 === 0 ? `${part}: ` : `${part}\r\n`;
    }
    socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
    this.#parser.emit('connection', socket);
  }

  readonly #serve = (request: IncomingMessage, response: ServerResponse): void => {
    // A second request would be parsed elsewhere than the first, and could not be upgraded.
    response.shouldKeepAlive = false;
    // Node has no deadline for what a server parses that does not listen.
    const bodyDeadline = this.#clock.after(this.#server.requestTimeout || Infinity, () => {
      if (!request.complete) request.socket.destroy();
    });
    response.once('close', () => bodyDeadline.cancel());
    this.#server.emit('request', request, response);
  };
}

/** Whether an Upgrade header asks for websocket, be it among others (RFC 7230 §6.7). */
export function asksForWebSocket(upgrade: string | undefined): boolean {
  if (upgrade === 'websocket') return true;
  const protocols = upgrade?.split(',') ?? [];
  return protocols.some((protocol) => protocol.trim().toLowerCase() === 'websocket');
}
