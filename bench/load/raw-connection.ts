import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where a measured server is and how to open a connection to it. */
export interface Target {
  readonly port: number;
  readonly path: string;
  readonly tls?: boolean | undefined;
  /** The extensions to offer. */
  readonly offer?: string | undefined;
  /** The address to come from. */
  readonly localAddress?: string | undefined;
}

/** Takes the bytes from the start of a piece of memory, which is used again after the call. */
export type ByteSink = (bytes: Uint8Array, end: number) => void;

/** All sockets read into the same memory: each read is dealt with before the next. */
const readBuffer = Buffer.alloc(256 * 1024);

/** A connection of the load generator: WebSocket as far as the opening handshake, then bytes. */
export class RawConnection {
  readonly socket: Socket;
  onBytes: ByteSink = () => {};
  /** The Sec-WebSocket-Key of the request. */
  readonly key = randomBytes(16).toString('base64');
  /** What the server answered to the request. */
  head = '';
  #opened: (() => void) | undefined;

  private constructor(target: Target) {
    const { port, localAddress } = target;
    const options = {
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length: number): boolean => {
          this.#read(length);
          return true;
        },
      },
      ...(localAddress !== undefined && { localAddress }),
    };
    this.socket =
      target.tls === true
        ? connectTls({ ...options, rejectUnauthorized: false })
        : connect(options);
    this.socket.write(requestOf(target, this.key));
  }

  /** Opens a connection; rejects when the server does not switch protocols. */
  static async open(target: Target): Promise<RawConnection> {
    const connection = new RawConnection(target);
    await new Promise<void>((resolve, reject) => {
      connection.#opened = resolve;
      connection.socket.once('error', reject);
      connection.socket.once('close', () => reject(new Error('closed in the opening handshake')));
    });
    if (connection.head.startsWith('HTTP/1.1 101')) return connection;
    connection.socket.destroy();
    throw new Error(`the server answered ${connection.head.split('\r\n', 1).join('')}`);
  }

  /** Ends with FIN and resolves when the server has done the same, or after a second. */
  close(): Promise<void> {
    const { socket } = this;
    if (socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      socket.once('close', () => resolve());
      socket.end();
      socket.setTimeout(1_000, () => socket.destroy());
    });
  }

  #read(length: number): void {
    if (this.#opened === undefined) return this.onBytes(readBuffer, length);
    this.head += readBuffer.toString('latin1', 0, length);
    const end = this.head.indexOf('\r\n\r\n');
    if (end === -1) return;
    // No measured server sends anything before it has been sent something.
    this.#opened();
    this.#opened = undefined;
  }
}

function requestOf({ port, path, offer }: Target, key: string): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
  ];
  if (offer !== undefined) lines.push(`Sec-WebSocket-Extensions: ${offer}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Opens many connections, a hundred at a time. */
export async function openMany(target: Target, count: number): Promise<RawConnection[]> {
  const connections: RawConnection[] = [];
  while (connections.length < count) {
    const some = Math.min(100, count - connections.length);
    const opened = Array.from({ length: some }, () => RawConnection.open(target));
    connections.push(...(await Promise.all(opened)));
  }
  return connections;
}

/** Closes many connections. */
export async function closeMany(connections: readonly RawConnection[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.close()));
}
