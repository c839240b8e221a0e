import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pattern, proxied } from './proxied.ts';

const turns = async (count = 20): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test('hold: nothing passes, neither bytes nor FIN nor RST, until it is released', async (t) => {
  const { client, target, connection } = await proxied(t);
  client.socket.write('before ');
  await target.has(7);
  connection.hold();
  client.socket.end('behind');
  target.socket.write('answer');
  await turns();
  assert.equal(target.received.length + client.received.length, 7);
  connection.release();
  assert.equal(String(await target.has(13)), 'before behind');
  assert.equal(await target.ended, 'fin');
  assert.equal(String(await client.has(6)), 'answer');
});

test('hold: a reset is held as well', async (t) => {
  const { client, target, connection } = await proxied(t);
  client.socket.write('x');
  await target.has(1);
  connection.hold();
  client.socket.resetAndDestroy();
  await turns();
  assert.equal(target.socket.destroyed, false);
  connection.release();
  assert.equal(await target.ended, 'ECONNRESET');
  await connection.closed;
});

test('hold: in one direction the other one goes on', async (t) => {
  const { client, target, connection } = await proxied(t);
  connection.hold('downstream');
  target.socket.write('held');
  client.socket.write('goes');
  assert.equal(String(await target.has(4)), 'goes');
  await turns();
  assert.equal(client.received.length, 0);
  connection.release('downstream');
  assert.equal(String(await client.has(4)), 'held');
});

test('hold: bytes a sender has too many of wait with the sender', async (t) => {
  const { client, connection } = await proxied(t);
  connection.hold('upstream');
  client.socket.write(pattern(50_000_000));
  let before = -1;
  while (before !== client.socket.writableLength || before === 0) {
    before = client.socket.writableLength;
    await turns(100);
  }
  assert.ok(connection.upstream.received <= 1_048_576, String(connection.upstream.received));
});

test('fin: in one direction it is a half-close; what comes behind is dropped and counted', async (t) => {
  const { client, target, connection } = await proxied(t);
  connection.fin('upstream');
  assert.equal(await target.ended, 'fin');
  client.socket.write('late');
  target.socket.write('still');
  assert.equal(String(await client.has(5)), 'still');
  while (connection.upstream.dropped < 4) await turns(1);
  assert.equal(target.received.length, 0);
});

test('fin: both ends get it, and the connection closes when they close', async (t) => {
  const { client, target, connection } = await proxied(t);
  connection.fin();
  assert.deepEqual(await Promise.all([client.ended, target.ended]), ['fin', 'fin']);
  client.socket.end();
  target.socket.end();
  await connection.closed;
});

test('reset: both ends get it', async (t) => {
  const { client, target, connection } = await proxied(t);
  connection.reset();
  assert.deepEqual(await Promise.all([client.ended, target.ended]), ['ECONNRESET', 'ECONNRESET']);
  await connection.closed;
});

test('reset: one end gets it, the other hears nothing', async (t) => {
  const { client, target, connection } = await proxied(t);
  connection.reset('downstream');
  assert.equal(await client.ended, 'ECONNRESET');
  target.socket.write('hello?');
  await turns();
  assert.equal(target.socket.destroyed, false);
  assert.equal(connection.downstream.forwarded, 0);
});

test('destroy: both sockets go, and the counters stay readable', async (t) => {
  const { client, target, connection } = await proxied(t);
  client.socket.write('x');
  await target.has(1);
  connection.destroy();
  await connection.closed;
  assert.equal(connection.upstream.received, 1);
  assert.ok(Object.isFrozen(connection.upstream));
  assert.equal(connection.id, 1);
});
