import assert from 'node:assert/strict';
import { test } from 'node:test';

import { limitNames, limitOf, Tally } from '../../../src/connection/reporting/tally.ts';
import { Opcode } from '../../../src/protocol/opcode.ts';
import { rawPair, settle } from '../raw-peer.ts';

test('messages and bytes are counted in both directions, frame headers included', async () => {
  const tally = new Tally();
  const { connection, peer } = rawPair({ tally, handler: { message() {} } });
  peer.texts('one', 'two!');
  peer.send(Opcode.Binary, 'a', { fin: false });
  peer.send(Opcode.Continuation, 'b');
  connection.send('hello');
  connection.send(new Uint8Array(200), { fin: false });
  connection.send(new Uint8Array(3), { fin: true });
  await connection.sendFragments(['x', 'y'], 'text');
  await settle();
  assert.equal(tally.messagesReceived, 3);
  assert.equal(tally.bytesReceived, 9 + 10 + 7 + 7);
  assert.equal(tally.messagesSent, 3);
  assert.equal(tally.bytesSent, 7 + 204 + 5 + lengthOf(peer.log.slice(3)));
  connection.terminate();
});

/** The bytes of short unmasked frames, from a log of them. */
function lengthOf(log: readonly string[]): number {
  return log.reduce((sum, line) => sum + line.length, 0);
}

test('what is not sent is not counted as sent', () => {
  const tally = new Tally();
  const { connection } = rawPair({ tally, options: { backpressure: { soft: 1, hard: 1 } } });
  connection.send('too much already');
  connection.send('dropped');
  assert.equal(tally.messagesSent, 1);
  assert.deepEqual([...tally.limits], [['backpressure.hard', 1]]);
});

test('each limit a peer breaks is counted by the name of its option', async () => {
  const cases = [
    ['maxMessageSize', { maxMessageSize: 4 }],
    ['maxFrameSize', { maxFrameSize: 4 }],
    ['maxFragments', { maxFragments: 1 }],
  ] as const;
  for (const [name, options] of cases) {
    const tally = new Tally();
    const { connection, peer } = rawPair({ tally, options, handler: { message() {} } });
    peer.send(Opcode.Text, '12', { fin: false });
    peer.send(Opcode.Continuation, '12345');
    await settle();
    connection.terminate();
    assert.deepEqual([...tally.limits], [[name, 1]]);
  }
});

test('each deadline a peer misses is counted by the name of its option', async () => {
  const cases = [
    ['heartbeat', { heartbeat: { interval: 100, timeout: 50 } }],
    ['messageTimeout', { messageTimeout: 100 }],
    ['stallTimeout', { stallTimeout: 100 }],
  ] as const;
  for (const [name, options] of cases) {
    const tally = new Tally();
    const { connection, peer, clock } = rawPair({ tally, options, handler: { message() {} } });
    if (name !== 'heartbeat') peer.transport.write(peer.frame(Opcode.Text, 'half').subarray(0, 7));
    await settle();
    for (let time = 0; time < 2_000; time += 50) clock.advance(50);
    await settle();
    connection.terminate();
    assert.deepEqual([...tally.limits], [[name, 1]]);
  }
});

test('a violation that is about no limit names none', () => {
  assert.equal(limitOf('MASK_REQUIRED'), undefined);
  assert.equal(limitOf('MESSAGE_TOO_BIG'), 'maxMessageSize');
  assert.equal(limitOf('RATIO_TOO_HIGH'), 'compression.maxRatio');
});

test('the names of limits cannot be changed and stand there once', () => {
  assert.ok(Object.isFrozen(limitNames));
  assert.equal(new Set(limitNames).size, limitNames.length);
});
