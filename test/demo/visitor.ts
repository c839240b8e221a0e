import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

import { type ClientOptions, WebSocket } from 'ws';

/** What a message was: text as a string, binary as a Buffer. */
export type Received = string | Buffer;

/** A client by `ws` that keeps what it receives until it is asked for. */
export class Visitor {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #received: Received[] = [];
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      this.#received.push(isBinary ? data : data.toString());
      this.#wake();
    });
    this.closed = once(socket, 'close').then(([code, reason]) => {
      this.#wake();
      return { code, reason: String(reason) };
    });
  }

  /** Opens a connection; rejects when the opening handshake is refused. */
  static async open(url: string, subprotocol?: string, options?: ClientOptions): Promise<Visitor> {
    const visitor = new Visitor(new WebSocket(url, subprotocol ?? [], options));
    await once(visitor.socket, 'open');
    return visitor;
  }

  /** The status with which an opening handshake is refused. */
  static async refusal(url: string): Promise<number | undefined> {
    const socket = new WebSocket(url);
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    socket.terminate();
    return response.statusCode;
  }

  /** How many messages came and were not asked for yet. */
  get waiting(): number {
    return this.#received.length;
  }

  async next(): Promise<Received> {
    for (;;) {
      const message = this.#received.shift();
      if (message !== undefined) return message;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error('closed before a message');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The next message as JSON. */
  async event(): Promise<Record<string, unknown>> {
    return JSON.parse(String(await this.next())) as Record<string, unknown>;
  }

  /** The next event of a type; others before it are dropped. */
  async eventOf(type: string): Promise<Record<string, unknown>> {
    for (;;) {
      const event = await this.event();
      if (event['type'] === type) return event;
    }
  }

  tell(command: object): void {
    this.socket.send(JSON.stringify(command));
  }
}
