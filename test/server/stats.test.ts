import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { attach } from '../../src/server/attach.ts';
import { maskedClose, maskedHello, openingRequest, RawClient } from './raw-client.ts';
import { answerTo, listening, serving } from './serving.ts';

test('a server that did nothing counts nothing, and knows its limits', async () => {
  const { server } = await serving(
    { '/': {} },
    {
      maxConnections: 7,
      maxPendingHandshakes: 5,
      memoryBudget: { input: 1_000, output: 2_000 },
    },
  );
  const stats = server.stats();
  assert.deepEqual(stats, {
    connections: 0,
    pendingHandshakes: 0,
    accepted: 0,
    refused: {},
    closed: {},
    messages: { received: 0, sent: 0 },
    bytes: { received: 0, sent: 0 },
    dropped: { messages: 0, bytes: 0 },
    limitsHit: {},
    memory: { input: { used: 0, limit: 1_000 }, output: { used: 0, limit: 2_000 } },
    limits: { maxConnections: 7, maxConnectionsPerAddress: Infinity, maxPendingHandshakes: 5 },
  });
  for (const part of [stats, ...Object.values(stats)]) assert.ok(Object.isFrozen(part));
});

test('connections, messages and bytes are counted while they happen and afterwards', async () => {
  const { server, connect } = await serving({
    '/': { message: (connection, message) => connection.send(message) },
  });
  const client = await connect();
  await client.request();
  client.write(maskedHello);
  await client.bytes(7);
  const open = server.stats();
  assert.deepEqual([open.connections, open.accepted, open.closed], [1, 1, {}]);
  assert.deepEqual(open.messages, { received: 1, sent: 1 });
  assert.deepEqual(open.bytes, { received: 11, sent: 7 });
  const [connection] = server.connections;
  client.write(maskedClose);
  await connection?.closed;
  await Promise.resolve();
  const { connections, accepted, closed, bytes } = server.stats();
  assert.deepEqual([connections, accepted, closed], [0, 1, { 1005: 1 }]);
  assert.deepEqual(bytes, { received: 17, sent: 9 });
  assert.deepEqual(open.closed, {}, 'a snapshot does not change');
});

test('refusals are counted by their status, clients that are dropped by 0', async () => {
  const serve = await serving(
    { '/': { authorize: () => false }, '/of/:name': {} },
    { maxPendingHandshakes: 1, handshakeTimeout: 60_000 },
  );
  await answerTo(serve, '/');
  await answerTo(serve, '/nowhere');
  await answerTo(serve, '/of/%zz');
  await answerTo(serve, '/', { 'X-A': 'a'.repeat(20_000) });
  const waiting = await serve.connect();
  await answerTo(serve, '/');
  await waiting.ended;
  const { refused, limitsHit, accepted } = serve.server.stats();
  assert.deepEqual(refused, { 0: 1, 400: 1, 403: 2, 404: 1, 431: 1 });
  assert.deepEqual(limitsHit, { headLimits: 1, maxPendingHandshakes: 1 });
  assert.equal(accepted, 0);
});

test('a client that goes away before it is answered hits no limit', async () => {
  const { server, connect } = await serving({ '/': { authorize: () => new Promise(() => {}) } });
  const client = await connect();
  client.write(openingRequest('/'));
  while (server.stats().pendingHandshakes < 1) await new Promise(setImmediate);
  client.destroy();
  while (server.stats().pendingHandshakes > 0) await new Promise(setImmediate);
  const { refused, limitsHit } = server.stats();
  assert.deepEqual([refused, limitsHit], [{ 0: 1 }, {}]);
});

test('handshakes under way are counted, with and without a head', async () => {
  const { server, connect } = await serving({ '/': { authorize: () => new Promise(() => {}) } });
  const [silent, waiting] = [await connect(), await connect()];
  silent.write('GET / HT');
  waiting.write(openingRequest('/'));
  while (server.stats().pendingHandshakes < 2) await new Promise(setImmediate);
  assert.deepEqual(server.stats().connections, 0);
});

test('what the slow-consumer policy drops is counted, of open and closed connections', async () => {
  const { server, connect } = await serving(
    {
      '/': {
        open(connection) {
          connection.send(new Uint8Array(8_000_000));
          connection.send('dropped');
        },
      },
    },
    { backpressure: { soft: 1, hard: 1 } },
  );
  const client = await connect();
  await client.request();
  const dropped = { messages: 1, bytes: 7 };
  assert.deepEqual(server.stats().dropped, dropped);
  const [connection] = server.connections;
  client.destroy();
  await connection?.closed;
  await Promise.resolve();
  assert.deepEqual(server.stats().dropped, dropped);
  assert.deepEqual(server.stats().limitsHit, { 'backpressure.hard': 1 });
});

test('attach counts for its endpoints alone', async () => {
  const server = createServer();
  const [left, right] = [attach(server, { '/left': {} }), attach(server, { '/right': {} })];
  const client = await RawClient.connect({ port: await listening(server) });
  await client.request('/left');
  assert.deepEqual([left.stats().accepted, right.stats().accepted], [1, 0]);
  assert.deepEqual([left.stats().connections, right.stats().connections], [1, 0]);
  client.destroy();
  await left.close();
});

test('a refusal is told on its channel, to whoever listens', async (context) => {
  const refusals: unknown[] = [];
  const listener = (message: unknown) => refusals.push(message);
  subscribe('hawser:handshake:refused', listener);
  context.after(() => unsubscribe('hawser:handshake:refused', listener));
  const serve = await serving({ '/': { authorize: () => false } });
  await answerTo(serve, '/');
  await answerTo(serve, '/nowhere');
  const remoteAddress = '127.0.0.1';
  assert.deepEqual(refusals, [
    { status: 403, refusal: 'UNAUTHORIZED', remoteAddress },
    { status: 404, refusal: 'NOT_FOUND', remoteAddress },
  ]);
});
