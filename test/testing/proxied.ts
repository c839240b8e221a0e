import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import { type FaultProxy, faultProxy } from '../../src/testing/fault-proxy.ts';
import type { ProxiedConnection } from '../../src/testing/proxied-connection.ts';
import type { FaultProxyOptions } from '../../src/testing/proxy-options.ts';

/** One side of a proxied connection: a socket, what came, and how it ended. */
export class Side {
  readonly socket: Socket;
  /** Resolves to `fin`, or to the code of the error that came instead. */
  readonly ended: Promise<string>;
  readonly chunks: Buffer[] = [];
  #length = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.#length += chunk.length;
      socket.emit('more');
    });
    this.ended = new Promise((resolve) => {
      socket.once('end', () => resolve('fin'));
      socket.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    });
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** All that came, once there are so many bytes. */
  async has(length: number): Promise<Buffer> {
    while (this.#length < length) await once(this.socket, 'more');
    return this.received;
  }
}

/** A client and a target joined by a proxy, raw; all end with the test. */
export interface Proxied {
  readonly proxy: FaultProxy;
  readonly connection: ProxiedConnection;
  readonly client: Side;
  readonly target: Side;
}

/** Joins two sockets by a fault proxy. */
export async function proxied(
  t: TestContext,
  options: Omit<FaultProxyOptions, 'target'> = {},
): Promise<Proxied> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrived = once(server, 'connection') as Promise<[Socket]>;
  const proxy = await faultProxy({ ...options, target: (server.address() as AddressInfo).port });
  const accepted = proxy.accepted();
  const { host, port } = proxy;
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  const client = new Side(socket);
  const [[targetSocket], connection] = await Promise.all([arrived, accepted]);
  t.after(async () => {
    socket.destroy();
    targetSocket.destroy();
    server.close();
    await proxy.close();
  });
  return { proxy, connection, client, target: new Side(targetSocket) };
}

/** Bytes that differ from their neighbours. */
export function pattern(length: number): Buffer {
  return Buffer.alloc(
    length,
    Uint8Array.from({ length: 256 }, (_, index) => (index * 7) & 255),
  );
}
