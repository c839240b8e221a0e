import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { connect } from '../../src/client/connect.ts';
import { type Server, serve } from '../../src/server/serve.ts';
import { faultProxy } from '../../src/testing/fault-proxy.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { proxied } from './proxied.ts';

async function echoServer(t: TestContext): Promise<{ server: Server; url: string }> {
  const server = await serve({
    port: 0,
    host: '127.0.0.1',
    endpoints: {
      '/echo': {
        async message(connection, message) {
          if (!connection.send(message)) await connection.drained();
        },
      },
    },
  });
  t.after(() => server.close());
  return { server, url: `ws://127.0.0.1:${server.address.port}/echo` };
}

test('a WebSocket works through a proxy with every harmless fault, and the URL says where', async (t) => {
  const { url } = await echoServer(t);
  const faults = { delay: 1, split: 1_000, throttle: 10_000_000 };
  await using proxy = await faultProxy({ target: url, upstream: faults, downstream: faults });
  assert.equal(proxy.url, `ws://127.0.0.1:${proxy.port}/echo`);
  const connection = await connect(proxy.url);
  const message = 'ahoy '.repeat(10_000);
  connection.send(message);
  assert.equal(await connection.receive({ timeout: 60_000 }), message);
  assert.equal((await connection.close()).wasClean, true);
});

test('settings of the proxy hold for open connections and for those to come', async (t) => {
  const { client, target, proxy } = await proxied(t);
  proxy.hold('upstream');
  client.socket.write('held');
  const accepted = proxy.accepted();
  const second = connectSocket({ host: proxy.host, port: proxy.port });
  second.write('held too');
  const connection = await accepted;
  assert.deepEqual([connection.id, proxy.connections.size], [2, 2]);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(target.received.length + connection.upstream.forwarded, 0);
  proxy.release();
  await target.has(4);
  second.destroy();
});

test('fin and reset of the proxy reach every connection', async (t) => {
  const { client, target, proxy } = await proxied(t);
  proxy.fin('downstream');
  assert.equal(await client.ended, 'fin');
  proxy.reset('upstream');
  assert.equal(await target.ended, 'ECONNRESET');
});

test('a wrong fault or direction changes nothing and is named', async (t) => {
  const { proxy } = await proxied(t);
  assert.throws(() => proxy.set({ delay: -1 }), /^RangeError: delay must be/);
  assert.throws(() => proxy.hold('both' as 'upstream'), /^RangeError: direction must be one of/);
  assert.throws(() => faultProxy({ target: 1, seed: 0.5 }), /^RangeError: seed must be/);
});

test('the seed is the one given, or one that was drawn', async () => {
  await using given = await faultProxy({ target: 1, seed: 42 });
  await using drawn = await faultProxy({ target: 1 });
  assert.equal(given.seed, 42);
  assert.ok(Number.isInteger(drawn.seed));
});

test('a target that refuses is a reset for the client, and the connection tells why', async (t) => {
  const { proxy: gone } = await proxied(t);
  await gone.close();
  await using proxy = await faultProxy({ target: gone.port });
  const accepted = proxy.accepted();
  const socket = connectSocket({ host: proxy.host, port: proxy.port });
  const connection = await accepted;
  await assert.rejects(once(socket, 'end'), { code: 'ECONNRESET' });
  await connection.closed;
  assert.match(String(connection.error), /ECONNREFUSED/);
  assert.equal(proxy.connections.size, 0);
});

test('a proxy that cannot listen rejects with the reason', async () => {
  await using first = await faultProxy({ target: 1 });
  await assert.rejects(faultProxy({ target: 1, port: first.port }), { code: 'EADDRINUSE' });
});

test('close leaves neither socket nor timer nor listener, and may be called again', async (t) => {
  const clock = new VirtualClock();
  const faults = { delay: 60_000 };
  const { client, target, proxy } = await proxied(t, { clock, upstream: faults });
  client.socket.write('never');
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  await proxy.close();
  await proxy.close();
  assert.equal(clock.pending, 0);
  assert.equal(proxy.connections.size, 0);
  await Promise.all([client.ended, target.ended]);
  const { host, port } = proxy;
  await assert.rejects(once(connectSocket({ host, port }), 'connect'), { code: 'ECONNREFUSED' });
});
