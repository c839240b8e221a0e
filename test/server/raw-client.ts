import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

import { type Lines, openingRequest as requestOf } from '../support/opening-request.ts';

export { type Lines, sampleAccept } from '../support/opening-request.ts';

/** A masked text frame with "Hello" (RFC 6455 §5.7), and the unmasked one that echoes it. */
export const maskedHello = Buffer.from('818537fa213d7f9f4d5158', 'hex');
export const unmaskedHello = Buffer.from('810548656c6c6f', 'hex');

/** A masked, empty Close. */
export const maskedClose = Buffer.from('888000000000', 'hex');

/** An opening request for a target, valid but for what is given. */
export function openingRequest(target = '/', lines: Lines = {}, start = `GET ${target} HTTP/1.1`) {
  return requestOf(lines, start);
}

/** The head of an HTTP answer; names of headers in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/** A bare socket to a server: what it sends and reads is exactly what the test says. */
export class RawClient {
  readonly socket: Socket;
  readonly ended: Promise<void>;
  #chunks: Buffer[] = [];
  #length = 0;
  #over = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#over = true;
        this.#wake();
        resolve();
      };
      socket.once('end', end);
      socket.once('close', end);
    });
  }

  static async connect(options: NetConnectOpts): Promise<RawClient> {
    const socket = connect({ allowHalfOpen: true, noDelay: true, ...options });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  static async connectTls(options: ConnectionOptions): Promise<RawClient> {
    const socket = connectTls({ servername: 'localhost', ...options });
    const client = new RawClient(socket);
    await once(socket, 'secureConnect');
    return client;
  }

  write(...parts: readonly (string | Uint8Array)[]): void {
    this.socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))));
  }

  /** Sends an opening request and reads the answer's head. */
  request(target?: string, lines?: Lines, start?: string): Promise<Answer> {
    this.write(openingRequest(target, lines, start));
    return this.answer();
  }

  /** Reads the head of an answer. */
  async answer(): Promise<Answer> {
    await this.#until(() => this.#received().includes('\r\n\r\n'));
    const end = this.#received().indexOf('\r\n\r\n');
    const [first = '', ...lines] = this.read(end + 4)
      .toString('latin1')
      .trim()
      .split('\r\n');
    const pairs = lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    return { status: Number(first.split(' ')[1]), headers: new Map(pairs) };
  }

  /** Reads so many bytes. */
  async bytes(length: number): Promise<Buffer> {
    await this.#until(() => this.#length >= length);
    return this.read(length);
  }

  /** Reads until the server ends the connection. */
  async rest(): Promise<Buffer> {
    await this.ended;
    return this.read(this.#length);
  }

  /** What has arrived and was not read, as far as wanted. */
  read(length: number): Buffer {
    const received = this.#received();
    const rest = received.subarray(length);
    this.#chunks = [rest];
    this.#length = rest.length;
    return received.subarray(0, length);
  }

  #received(): Buffer {
    const received = Buffer.concat(this.#chunks);
    this.#chunks = [received];
    return received;
  }

  destroy(): void {
    this.socket.destroy();
  }

  async #until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      if (this.#over)
        throw new Error(`the server ended after ${JSON.stringify(String(this.#received()))}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
