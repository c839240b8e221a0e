import assert from 'node:assert/strict';
import test from 'node:test';

import type { CloseInfo } from '../../src/connection/closing/close-info.ts';
import { connectedPair } from '../../src/testing/connected-pair.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a connected pair talks without a socket: handler on one end, pulling on the other', async () => {
  const { server, client } = connectedPair({
    server: { message: (connection, message) => connection.send(message) },
  });
  assert.deepEqual([server.role, client.role], ['server', 'client']);
  assert.deepEqual([server.state, client.state], ['open', 'open']);
  client.send('hello');
  assert.equal(await client.receive(), 'hello');
});

test('handlers of both ends see the whole life of the connection', async () => {
  const events: string[] = [];
  const { client, server } = connectedPair({
    server: {
      open: () => void events.push('server open'),
      message: (connection, message) => {
        events.push(`server ${String(message)}`);
        connection.send('pong');
      },
      close: (_connection, info: CloseInfo) => void events.push(`server close ${info.code}`),
    },
    client: {
      open: (connection) => {
        events.push('client open');
        connection.send('ping');
      },
      message: (connection, message) => {
        events.push(`client ${String(message)}`);
        void connection.close(4_001, 'done');
      },
      close: (_connection, info: CloseInfo) => void events.push(`client close ${info.code}`),
    },
  });
  await Promise.all([client.closed, server.closed]);
  await turn();
  assert.deepEqual(events.slice(0, 4), [
    'server open',
    'client open',
    'server ping',
    'client pong',
  ]);
  assert.deepEqual(events.slice(4).toSorted(), ['client close 4001', 'server close 4001']);
});

test('options, context, params and subprotocol are those given', async () => {
  const { server, client } = connectedPair({
    server: { open() {} },
    options: { maxMessageSize: 10 },
    context: { user: 'ann' },
    params: { room: 'sea' },
    subprotocol: 'chat.v1',
  });
  assert.equal(server.context.user, 'ann');
  assert.equal(server.params.room, 'sea');
  assert.deepEqual(server.request.params, { room: 'sea' });
  assert.equal(server.request.path, '/');
  assert.equal(client.context, undefined);
  assert.deepEqual([server.subprotocol, client.subprotocol], ['chat.v1', 'chat.v1']);
  client.send('eleven byte');
  assert.equal((await client.closed).code, 1009);
});

test('wrong options are refused as everywhere', () => {
  assert.throws(() => connectedPair({ options: { maxMessageSize: -1 } }), /maxMessageSize/);
});

test('compression is agreed on when it is asked for', async () => {
  const { server, client } = connectedPair({ options: { compression: { threshold: 0 } } });
  assert.equal(server.extensions, 'permessage-deflate');
  client.send('a'.repeat(10_000));
  assert.equal(await server.receive(), 'a'.repeat(10_000));
});

test('a pair with a virtual clock lives through an hour in no time', async () => {
  const clock = new VirtualClock();
  let pongs = 0;
  const count = { pong: () => void pongs++ };
  const { server, client } = connectedPair({
    clock,
    server: count,
    client: count,
    options: { heartbeat: { interval: 60_000, timeout: 1_000 } },
  });
  await clock.pass(3_600_000);
  assert.deepEqual([server.state, client.state], ['open', 'open']);
  // Whichever end is silent for less long pings, and both count that as life.
  assert.ok(pongs >= 54 && pongs <= 67, `${pongs} pongs`);
  const pulling = server.receive({ timeout: 300 });
  await clock.pass(300);
  await assert.rejects(pulling, { code: 'ERR_TIMEOUT' });
});

test('the high-water mark bounds what is on its way to an end that does not read', async () => {
  const { server, client } = connectedPair({ highWaterMark: 1_000 });
  server.pause();
  client.send(new Uint8Array(100_000));
  await turn();
  await turn();
  const { bufferedAmount } = client;
  server.resume();
  assert.equal((await server.receive())?.length, 100_000);
  assert.ok(bufferedAmount > 0);
  assert.equal(client.bufferedAmount, 0);
});
