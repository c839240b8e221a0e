import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { test } from 'node:test';

import { HandshakeError } from '../../../src/handshake/errors.ts';
import { PendingHandshake } from '../../../src/server/request/pending.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { tcpPair } from '../../support/socket-pair.ts';

function idle(): Duplex {
  return new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
}

test('at the deadline the handshake is refused with 503 and its signal fires', async () => {
  const clock = new VirtualClock();
  const pending = new PendingHandshake(idle(), 500, clock);
  clock.advance(499);
  assert.equal(pending.signal.aborted, false);
  clock.advance(1);
  const { status, refusal } = await pending.interrupted;
  assert.deepEqual([status, refusal], [503, 'APPLICATION_TIMEOUT']);
  assert.ok(pending.signal.reason instanceof HandshakeError);
  assert.equal(pending.signal.reason.code, 'ERR_TIMEOUT');
});

test('once settled there is no deadline and no listener but the one for errors', () => {
  const clock = new VirtualClock();
  const socket = idle();
  const before = { end: socket.listenerCount('end'), close: socket.listenerCount('close') };
  const pending = new PendingHandshake(socket, 500, clock);
  pending.settle();
  assert.equal(clock.pending, 0);
  assert.equal(socket.listenerCount('end'), before.end);
  assert.equal(socket.listenerCount('close'), before.close);
  socket.emit('error', new Error('late'));
  assert.equal(pending.signal.aborted, false);
});

test('a client that resets fires the signal', async () => {
  const { server, client } = await tcpPair();
  const clock = new VirtualClock();
  const pending = new PendingHandshake(server, 500, clock);
  client.resetAndDestroy();
  await once(pending.signal, 'abort');
  assert.equal((await pending.interrupted).accepted, false);
  assert.match(String(pending.signal.reason), /the client went away/);
  assert.equal(clock.pending, 0);
});

test('a client that hangs up is not waited for', async () => {
  const { server, client } = await tcpPair();
  const pending = new PendingHandshake(server, 500, new VirtualClock());
  client.end();
  await once(pending.signal, 'abort');
  assert.ok(server.destroyed);
  client.destroy();
});

test('a client that was gone before is noticed at once', () => {
  const socket = idle();
  socket.destroy();
  assert.ok(new PendingHandshake(socket, 500, new VirtualClock()).signal.aborted);
});

test('what comes first decides, and it decides once', async () => {
  const clock = new VirtualClock();
  const pending = new PendingHandshake(idle(), 500, clock);
  pending.interrupt('UNAVAILABLE');
  clock.advance(1_000);
  assert.equal((await pending.interrupted).refusal, 'UNAVAILABLE');
});
