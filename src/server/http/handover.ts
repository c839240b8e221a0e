import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Gives requests that ask for a protocol of others back to the `request` listeners of their server
 * (RFC 7230 §6.7: a server may ignore Upgrade). Node has stopped parsing by then, so the head is
 * parsed once more by a server that upgrades nothing; the body follows it as usual.
 */
export class Handover {
  readonly #parser: HttpServer;

  constructor(server: HttpServer) {
    this.#parser = createServer({ maxHeaderSize: 65_536 });
    this.#parser.on('request', (request, response) => {
      // A second request would be parsed here too, and could not be upgraded.
      response.shouldKeepAlive = false;
      server.emit('request', request, response);
    });
  }

  /** Takes what the `upgrade` event gave. */
  give(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const { method, url, httpVersion, rawHeaders } = request;
    let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
    for (const [index, part] of rawHeaders.entries()) {
      text += index % 2 === 0 ? `${part}: ` : `${part}\r\n`;
    }
    socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
    this.#parser.emit('connection', socket);
  }
}

/** Whether a request asks for websocket, be it among others (RFC 7230 §6.7). */
export function asksForWebSocket(request: IncomingMessage): boolean {
  const protocols = request.headers.upgrade?.split(',') ?? [];
  return protocols.some((protocol) => protocol.trim().toLowerCase() === 'websocket');
}
