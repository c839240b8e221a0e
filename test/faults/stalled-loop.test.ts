import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serve } from 'hawser';

import { clientsChild, serverChild } from './child.ts';

const clientCount = 1_000;
const stall = 5_000;
/** A peer is given up after one second of silence and three more. */
const heartbeat = { interval: 1_000, timeout: 3_000 };

test(`fault: a server's event loop stands still for 5 s, and none of ${clientCount} healthy clients is lost`, async (t) => {
  const ends: number[] = [];
  const server = await serve({
    host: '127.0.0.1',
    port: 0,
    heartbeat,
    endpoints: {
      '/echo': {
        message: (connection, message) => connection.send(message),
        close: (_connection, { code }) => void ends.push(code),
      },
    },
  });
  t.after(() => server.close());
  const url = `ws://127.0.0.1:${server.address.port}/echo`;
  const clients = await clientsChild(t, url, clientCount);

  // What comes meanwhile waits in the sockets, and pings are due all at once afterwards.
  clients.ask('send', { count: 1, size: 100 });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stall);
  assert.deepEqual(await clients.does('received', { count: 1 }), {
    name: 'received',
    open: clientCount,
    received: clientCount,
    disordered: 0,
  });

  // Two heartbeats later whoever was blamed for the stall would be gone.
  const { open } = await clients.does('pinged', { count: 2 });
  assert.equal(open, clientCount);
  assert.deepEqual(ends, []);
  assert.equal(server.connections.size, clientCount);
});

test(`fault: the event loop of ${clientCount} clients stands still for 5 s, and none of them gives up its server`, async (t) => {
  const { server, url } = await serverChild(t);
  const clients = await clientsChild(t, url, clientCount, { heartbeat });
  const { open } = await clients.does('stall', { time: stall });
  assert.equal(open, clientCount);
  await server.does('pinged', { count: 2 * clientCount });
  assert.equal((await clients.does('report'))['open'], clientCount);
  assert.deepEqual((await server.does('counts'))['codes'], {});
});
