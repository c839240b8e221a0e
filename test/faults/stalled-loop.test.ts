import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';

import { attach, type CloseInfo, type Connection, type Message } from 'hawser';

import { clientsChild, serverChild } from './child.ts';

const clientCount = 1_000;
const stall = 5_000;
/** A peer is given up after one second of silence and four more. */
const heartbeat = { interval: 1_000, timeout: 4_000 };

test(`FC-11: a server's event loop stands still for 5 s, and none of ${clientCount} healthy clients is lost`, async (t) => {
  const ends: number[] = [];
  const sockets: Socket[] = [];
  const httpServer = createServer().on('connection', (socket) => sockets.push(socket));
  const endpoint = {
    message: (connection: Connection, message: Message) => connection.send(message),
    close: (_connection: Connection, { code }: CloseInfo) => void ends.push(code),
  };
  const server = attach(httpServer, { '/echo': endpoint }, { heartbeat });
  httpServer.listen(0, '127.0.0.1');
  await once(httpServer, 'listening');
  t.after(async () => {
    httpServer.close();
    await server.close();
  });
  const { port } = httpServer.address() as AddressInfo;
  const clients = await clientsChild(t, `ws://127.0.0.1:${port}/echo`, clientCount);

  // Nearly every client owes a Pong when the stall begins, and answers while it lasts.
  clients.kill('SIGSTOP');
  const before = sockets.map((socket) => socket.bytesWritten);
  const pinged = (socket: Socket, index: number) => socket.bytesWritten > (before[index] ?? NaN);
  while (sockets.filter(pinged).length < 0.9 * clientCount) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(ends, []);
  clients.ask('send', { count: 1, size: 100 });
  clients.kill('SIGCONT');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stall);
  const { open, received, disordered } = await clients.does('received', { count: 1 });
  assert.deepEqual([open, received, disordered], [clientCount, clientCount, 0]);

  // Two heartbeats later whoever was blamed for the stall would be gone.
  assert.equal((await clients.does('pinged', { count: 2 }))['open'], clientCount);
  assert.deepEqual(ends, []);
  assert.equal(server.connections.size, clientCount);
});

test(`FC-11: the event loop of ${clientCount} clients stands still for 5 s, and none of them gives up its server`, async (t) => {
  const { server, url } = await serverChild(t);
  const clients = await clientsChild(t, url, clientCount, { heartbeat });
  const { open } = await clients.does('stall', { time: stall });
  assert.equal(open, clientCount);
  await server.does('pinged', { count: 2 * clientCount });
  assert.equal((await clients.does('report'))['open'], clientCount);
  assert.deepEqual((await server.does('counts'))['codes'], {});
});
