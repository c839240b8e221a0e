import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

import { check, Inbox } from './expectation.ts';
import { frameLength, repeated, serverFrame } from './frames.ts';
import type { Load, LoadFigures, StreamPlan } from './plan.ts';
import { Random } from './random.ts';

/** Bytes that one write carries, unless one message is larger. */
const writeSize = 65_536;

/** How long a client may read nothing, in milliseconds. */
const patience = 20_000;

/** A server that sends a client as many messages as it takes. */
export class StreamLoad implements Load {
  readonly #plan: StreamPlan;
  readonly #block: Uint8Array;
  readonly #perBlock: number;
  readonly #server = createServer((socket) => this.#accept(socket));
  #socket: Socket | undefined;
  #inbox: Inbox | undefined;

  constructor(plan: StreamPlan) {
    this.#plan = plan;
    this.#perBlock = Math.max(1, Math.floor(writeSize / frameLength(plan.size)));
    this.#block = repeated(
      serverFrame(plan.type, this.#payload(new Random(plan.seed))),
      this.#perBlock,
    );
  }

  async open(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** The client echoes; every message that comes back is compared. */
  async verify(): Promise<void> {
    const { type, seed } = this.#plan;
    const random = new Random(seed + 1);
    for (let round = 0; round < 10; round += 1) {
      const payload = this.#payload(random);
      this.#socket?.write(serverFrame(type, payload));
      const frame = await this.#inbox?.frame();
      if (frame === undefined) throw new Error('no client has connected');
      check(frame, { type, payload });
    }
  }

  async run(seconds: number): Promise<LoadFigures> {
    const began = performance.now();
    const end = began + seconds * 1_000;
    let messages = 0;
    while (performance.now() < end) {
      messages += this.#perBlock;
      if (this.#socket?.write(this.#block) === false) await this.#drained();
    }
    return { messages, seconds: (performance.now() - began) / 1_000 };
  }

  async close(): Promise<void> {
    this.#socket?.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #payload(random: Random): Uint8Array {
    const { type, size } = this.#plan;
    return type === 'text' ? Buffer.from(random.text(size)) : random.bytes(size);
  }

  /** Waits until the client has read; a client that never does ends the run. */
  async #drained(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) throw new Error('no client has connected');
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        socket.off('drain', onDrain).off('close', onClose);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onDrain = (): void => settle();
      const onClose = (): void => settle(new Error('the client ended the connection'));
      const timer = setTimeout(() => settle(new Error('the client reads nothing')), patience);
      socket.on('drain', onDrain).on('close', onClose);
      if (socket.destroyed) onClose();
    });
  }

  #accept(socket: Socket): void {
    let head = '';
    this.#socket = socket.setNoDelay().on('error', () => {});
    const inbox = new Inbox(socket);
    this.#inbox = inbox;
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      socket.off('data', read);
      socket.on('data', (bytes: Buffer) => inbox.put(bytes));
      socket.write(answerTo(head));
    };
    socket.on('data', read);
  }
}

/** Accepts an opening handshake (RFC 6455 §4.2.2). */
function answerTo(head: string): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? '';
  const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${hash.digest('base64')}\r\n\r\n`
  );
}
