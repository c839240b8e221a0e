import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';

import {
  type LimitName,
  limitNames,
  limitOf,
  Tally,
} from '../../../src/connection/reporting/tally.ts';
import { Opcode } from '../../../src/protocol/opcode.ts';
import { rawPair, type RawPairOptions, settle } from '../raw-peer.ts';

type Pair = ReturnType<typeof rawPair>;

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

/** What a peer and an application do to hit a limit, by the name of its option. */
const hits: readonly (readonly [LimitName, RawPairOptions, (pair: Pair) => void])[] = [
  ['rateLimit', { options: { rateLimit: { messages: 1 } } }, ({ peer }) => peer.texts('a', 'b')],
  [
    'controlFrames',
    { options: { controlFrames: { burst: 1, rate: 1 } } },
    ({ peer }) => {
      for (let count = 0; count < 3; count++) peer.send(Opcode.Ping);
    },
  ],
  [
    'memoryBudget.input',
    { options: { memoryBudget: { input: 100 } } },
    ({ peer }) => peer.send(Opcode.Binary, new Uint8Array(200), { fin: false }),
  ],
  [
    'memoryBudget.output',
    { highWaterMark: 10, options: { memoryBudget: { output: 100 } } },
    ({ peer, connection }) => {
      peer.transport.pause();
      connection.send(new Uint8Array(1_000));
    },
  ],
  [
    'backpressure.timeout',
    { highWaterMark: 10, options: { backpressure: { timeout: 100 } } },
    ({ peer, connection }) => {
      peer.transport.pause();
      connection.send(new Uint8Array(1_000));
    },
  ],
  ['closeTimeout', {}, ({ connection }) => void connection.close()],
  [
    'compression.maxRatio',
    // The thread pool is no part of the virtual time: however long it takes, nothing else is due.
    { deflate: {}, options: { compression: true, heartbeat: false, messageTimeout: Infinity } },
    ({ peer }) => {
      const flush = { finishFlush: constants.Z_SYNC_FLUSH };
      const bomb = deflateRawSync(new Uint8Array(500_000), flush).subarray(0, -4);
      peer.send(Opcode.Binary, bomb, { rsv: 4 });
    },
  ],
];

for (const [name, given, act] of hits) {
  test(`${name} is counted by this name when it is hit`, async () => {
    const tally = new Tally();
    const pair = rawPair({ ...given, tally, handler: { message() {} } });
    act(pair);
    while (tally.limits.size === 0) {
      await settle();
      pair.clock.advance(50);
    }
    pair.connection.terminate();
    assert.deepEqual([...tally.limits.keys()], [name]);
  });
}

test('a violation that is about no limit names none', () => {
  assert.equal(limitOf('MASK_REQUIRED'), undefined);
  assert.equal(limitOf('MESSAGE_TOO_BIG'), 'maxMessageSize');
  assert.equal(limitOf('RATIO_TOO_HIGH'), 'compression.maxRatio');
});

test('the names of limits cannot be changed and stand there once', () => {
  assert.ok(Object.isFrozen(limitNames));
  assert.equal(new Set(limitNames).size, limitNames.length);
});
