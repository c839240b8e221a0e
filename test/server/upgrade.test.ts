import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { test } from 'node:test';

import { refuse } from '../../src/handshake/decision.ts';
import { type Endpoint, endpoint } from '../../src/server/options/endpoint.ts';
import type { AcceptedUpgrade } from '../../src/server/request/judge.ts';
import {
  acceptUpgrade,
  handleUpgrade,
  judgeUpgrade,
  refuseUpgrade,
} from '../../src/server/upgrade.ts';
import { maskedHello, unmaskedHello } from './raw-client.ts';
import { arrive } from './serving.ts';

/** A Close with 1000, as a server sends it. */
const unmaskedClose = Buffer.from('880203e8', 'hex');

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

test('a request whose lines are no text is answered with 500, and error is told what they are', async () => {
  const { client, request, socket, head } = await arrive();
  (request.rawHeaders as unknown[]).push('X-Request-Id', 42);
  const errors: string[] = [];
  const told = {
    ...echo,
    error: (_connection: unknown, error: unknown) => errors.push(String(error)),
  };
  const decision = await judgeUpgrade(request, told);
  assert.ok(!decision.accepted);
  assert.deepEqual([decision.status, decision.refusal], [500, 'APPLICATION_FAILED']);
  assert.equal(await handleUpgrade(request, socket, head, told), undefined);
  assert.equal((await client.answer()).status, 500);
  assert.doesNotMatch(String(await client.rest()), /rawHeaders/);
  const message = 'TypeError: request.rawHeaders must hold strings only';
  assert.deepEqual(errors, [message, message]);
  assert.equal(socket.listeners('end').filter((one) => one.name.includes('onGone')).length, 0);
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

/** The end of a connection over a stream that says nothing of its close. */
async function closedOver(end: (stream: Duplex) => void): Promise<unknown[]> {
  const { client, request } = await arrive();
  const decision = await judgeUpgrade(request, echo);
  client.destroy();
  assert.ok(decision.accepted);
  const write = (_chunk: unknown, _encoding: string, done: () => void) => done();
  const stream = new Duplex({ emitClose: false, read() {}, write });
  const { closed } = acceptUpgrade(decision, stream);
  end(stream);
  const { code, initiator, error } = await closed;
  return [code, initiator, error];
}

test('a connection closes with its stream, also where no event tells that this was destroyed', async () => {
  const error = new Error('the tunnel');
  assert.deepEqual(await closedOver((stream) => stream.push(null)), [1006, 'network', undefined]);
  assert.deepEqual(await closedOver((stream) => stream.destroy()), [1006, 'network', undefined]);
  assert.deepEqual(await closedOver((stream) => stream.destroy(error)), [1006, 'network', error]);
});

test('a request is answered once: what would answer it again is a TypeError and writes nothing', async () => {
  const answered = { name: 'TypeError', message: 'the request of this socket is answered already' };
  const first = await arrive({}, maskedHello);
  const { client, request, socket, head } = first;
  const decision = await judgeUpgrade(request, echo);
  const again = await judgeUpgrade(request, echo);
  assert.ok(decision.accepted && again.accepted);
  const connection = acceptUpgrade(decision, socket, head);
  const other = await arrive();
  assert.throws(() => acceptUpgrade(decision, other.socket, other.head), {
    name: 'TypeError',
    message: 'the decision is carried out already',
  });
  assert.throws(() => acceptUpgrade(again, socket, head), answered);
  assert.throws(() => refuseUpgrade(refuse('NOT_FOUND'), socket), answered);
  assert.throws(() => void handleUpgrade(request, socket, head, echo), answered);
  assert.equal((await client.answer()).status, 101);
  void connection.close();
  // Nothing stands between the echo and the Close.
  assert.deepEqual(await client.bytes(11), Buffer.concat([unmaskedHello, unmaskedClose]));
  assert.equal(other.socket.bytesWritten, 0);
  for (const one of [client, other.client]) one.destroy();
});

test('after a refusal nothing is accepted', async () => {
  const { client, request, socket, head } = await arrive();
  const decision = await judgeUpgrade(request, echo);
  assert.ok(decision.accepted);
  const refusal: object = refuse('NOT_FOUND');
  assert.throws(() => acceptUpgrade(refusal as AcceptedUpgrade, socket, head), {
    name: 'TypeError',
    message: 'the decision must be one to accept',
  });
  refuseUpgrade(refuse('NOT_FOUND'), socket);
  assert.throws(() => acceptUpgrade(decision, socket, head), TypeError);
  assert.equal((await client.answer()).status, 404);
  assert.match(String(await client.rest()), /^no endpoint has this path [^\n]+\n$/);
  client.destroy();
});

test('what was answered by hand meanwhile is left alone', async () => {
  const { client, request, socket, head } = await arrive();
  const handled = handleUpgrade(request, socket, head, {
    authorize: () => refuseUpgrade(refuse('NOT_FOUND'), socket),
  });
  assert.equal(await handled, undefined);
  assert.equal((await client.answer()).status, 404);
  client.destroy();
});
