import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

import { acceptKey } from '../../src/handshake/accept-key.ts';

/** A server of bytes: what it answers is what a test wants it to. */
export interface RawServer {
  readonly port: number;
  /** Everything that clients sent, in the order they connected. */
  readonly requests: string[];
  /** Resolves when a client has connected and been gone again, so many times. */
  gone(times?: number): Promise<void>;
}

/** Answers the head of a request, once it is there; gets the Sec-WebSocket-Accept that is due. */
export type Answering = (socket: Socket, accept: string) => void;

/** Listens on a free port, or on a unix socket, until the test ends. */
export async function rawServer(
  t: TestContext,
  answer: Answering = () => {},
  path?: string,
): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const departures: (() => void)[] = [];
  let departed = 0;
  const server = createServer((socket) => {
    const index = requests.push('') - 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const known = requests[index] ?? '';
      requests[index] = known + chunk.toString('latin1');
      if (known.includes('\r\n\r\n') || !requests[index].includes('\r\n\r\n')) return;
      const key = /^sec-websocket-key: (.*)\r$/im.exec(requests[index])?.[1] ?? '';
      answer(socket, acceptKey(key));
    });
    socket.on('close', () => {
      sockets.delete(socket);
      departed++;
      for (const look of departures) look();
    });
  });
  await listen(server, path);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    requests,
    gone: (times = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (departed >= times) resolve();
        };
        departures.push(look);
        look();
      }),
  };
}

async function listen(server: Server, path: string | undefined): Promise<void> {
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
}

/** The head of a 101 with further header lines. */
export function switching(accept: string, ...lines: string[]): string {
  const head = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...lines,
  ];
  return `${head.join('\r\n')}\r\n\r\n`;
}
