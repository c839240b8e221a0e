import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { after } from 'node:test';

import { serve, type ServeOptions, type Server } from '../../src/server/serve.ts';
import { type Lines, openingRequest, RawClient } from './raw-client.ts';

/** A server of a test and bare sockets to it; all end with the test that started them. */
export interface Serving {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
  connect(): Promise<RawClient>;
}

/** Serves endpoints on a free port until the test ends. */
export async function serving<Path extends string>(
  endpoints: ServeOptions<Path>['endpoints'],
  options: Omit<ServeOptions, 'endpoints'> = {},
): Promise<Serving> {
  const server = await serve({ port: 0, host: '127.0.0.1', ...options, endpoints });
  const { port } = server.address;
  const clients: RawClient[] = [];
  after(async () => {
    for (const client of clients) client.destroy();
    await server.close();
  });
  const connect = async () => {
    const client = await RawClient.connect({ port });
    clients.push(client);
    return client;
  };
  return { server, port, url: `ws://127.0.0.1:${port}`, connect };
}

/** Lets an HTTP server listen on a free port until the test ends; gives the port. */
export async function listening(server: HttpServer = createServer()): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** An opening request as an HTTP server gives it to its `upgrade` listener. */
export interface Arrived {
  readonly client: RawClient;
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
}

/** Sends an opening request, and what is behind it, to an HTTP server that does not answer. */
export async function arrive(
  lines: Lines = {},
  behind: Uint8Array = Buffer.alloc(0),
): Promise<Arrived> {
  const server = createServer();
  const client = await RawClient.connect({ port: await listening(server) });
  client.write(openingRequest('/', lines), behind);
  const [request, socket, head] = (await once(server, 'upgrade')) as [
    IncomingMessage,
    Socket,
    Buffer,
  ];
  return { client, request, socket, head };
}

/** The answer to one opening request, and its body. */
export async function answerTo(
  { connect }: Serving,
  target: string,
  lines: Lines = {},
  start?: string,
): Promise<{ status: number; headers: ReadonlyMap<string, string>; body: string }> {
  const client = await connect();
  const answer = await client.request(target, lines, start);
  if (answer.status !== 101) return { ...answer, body: String(await client.rest()) };
  client.destroy();
  return { ...answer, body: '' };
}
