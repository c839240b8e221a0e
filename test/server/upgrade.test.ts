import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Endpoint, endpoint } from '../../src/server/endpoint.ts';
import {
  acceptUpgrade,
  handleUpgrade,
  judgeUpgrade,
  refuseUpgrade,
} from '../../src/server/upgrade.ts';
import { maskedHello, unmaskedHello } from './raw-client.ts';
import { arrive } from './serving.ts';

const echo: Endpoint = {
  message(connection, message) {
    connection.send(message);
  },
};

test('judgeUpgrade gives facts and does nothing; acceptUpgrade answers and makes the connection', async () => {
  const { client, request, socket, head } = await arrive({}, maskedHello);
  const decision = await judgeUpgrade(
    request,
    endpoint({ ...echo, authorize: () => ({ user: 'a' }) }),
  );
  assert.ok(decision.accepted);
  assert.equal(decision.context.user, 'a');
  assert.equal(decision.request.path, '/');
  assert.equal(decision.extensions, '');
  assert.equal(socket.bytesWritten, 0);
  const connection = acceptUpgrade(decision, socket, head);
  assert.equal(connection.context.user, 'a');
  assert.equal((await client.answer()).status, 101);
  assert.deepEqual(await client.bytes(7), unmaskedHello);
  client.destroy();
  await connection.closed;
});

test('refuseUpgrade answers with what was decided', async () => {
  const { client, request, socket } = await arrive({ 'Sec-WebSocket-Key': 'short' });
  const decision = await judgeUpgrade(request, echo);
  assert.ok(!decision.accepted);
  assert.equal(decision.refusal, 'KEY_INVALID');
  assert.equal(socket.bytesWritten, 0);
  refuseUpgrade(decision, socket);
  assert.equal((await client.answer()).status, 400);
  client.destroy();
});

test('handleUpgrade does both, and resolves to nothing when it refused', async () => {
  const good = await arrive({}, maskedHello);
  const connection = await handleUpgrade(good.request, good.socket, good.head, echo);
  assert.equal(connection?.state, 'open');
  assert.equal((await good.client.answer()).status, 101);
  assert.deepEqual(await good.client.bytes(7), unmaskedHello);
  good.client.destroy();
  const bad = await arrive({ Upgrade: 'h2c' });
  assert.equal(await handleUpgrade(bad.request, bad.socket, bad.head, echo), undefined);
  assert.equal((await bad.client.answer()).status, 400);
  bad.client.destroy();
});

test('wrong options are thrown synchronously', async () => {
  const { client, request, socket, head } = await arrive();
  const wrong = { maxMessageSise: 1 } as object;
  assert.throws(() => void judgeUpgrade(request, wrong), { message: /maxMessageSise/ });
  assert.throws(() => void handleUpgrade(request, socket, head, wrong), TypeError);
  client.destroy();
});

test('a request whose host makes no URL is refused', async () => {
  const { client, request, socket, head } = await arrive({ Host: 'a%zz' });
  assert.equal(await handleUpgrade(request, socket, head, echo), undefined);
  assert.equal((await client.answer()).status, 400);
  client.destroy();
});

test('the socket of a connection has no HTTP timeout and no listener of the handshake left', async () => {
  const { client, request, socket, head } = await arrive();
  socket.setTimeout(1_000);
  const connection = await handleUpgrade(request, socket, head, { ...echo, keepAlive: 1_000 });
  await client.answer();
  assert.equal(socket.timeout, 0);
  assert.equal(socket.listeners('end').filter((one) => one.name.includes('onGone')).length, 0);
  client.destroy();
  await connection?.closed;
});

test('a client that is gone before its answer makes no connection', async () => {
  const { client, request, socket, head } = await arrive();
  const decision = await judgeUpgrade(request, echo);
  client.socket.resetAndDestroy();
  await new Promise((resolve) => socket.once('close', resolve));
  assert.ok(decision.accepted);
  const info = await acceptUpgrade(decision, socket, head).closed;
  assert.equal(info.code, 1006);
});
