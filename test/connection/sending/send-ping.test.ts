import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rawPair } from '../raw-peer.ts';

test('RFC 6455 §5.5.2: a ping carries bytes or text, and its Pong gives the round trip', async () => {
  const { connection, peer, clock } = rawPair();
  const trips = [connection.ping('é'), connection.ping(Uint16Array.of(0x4241))];
  await peer.until(2);
  assert.deepEqual(
    peer.frames.map(({ opcode, payload }) => [opcode, payload.toString()]),
    [
      [9, 'é'],
      [9, 'AB'],
    ],
  );
  clock.advance(5);
  peer.send(10, 'é');
  peer.send(10, 'AB');
  for (const trip of await Promise.all(trips)) assert.ok(trip >= 5);
});

test('wrong bytes throw at once; a connection that is not open rejects', async () => {
  const { connection } = rawPair();
  connection.terminate();
  assert.throws(() => connection.ping('x'.repeat(126)), /^RangeError: a ping carries at most 125/);
  assert.throws(() => connection.ping(1 as never), /^TypeError: bytes must be/);
  await assert.rejects(connection.ping('x'), { code: 'ERR_NOT_OPEN' });
});
