import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { limitDefaults } from '../../../src/connection/options/limit-options.ts';
import { resolveOptions } from '../../../src/connection/options/option-rules.ts';
import {
  clientDefaults,
  type ConnectionOptions,
  connectionRules,
  type ResolvedConnectionOptions,
  serverDefaults,
} from '../../../src/connection/options/options.ts';
import { optionsOf } from '../raw-peer.ts';

const MIB = 1024 * 1024;

/** Options over others that were resolved already, as an endpoint's over its server's. */
const over = (
  base: ResolvedConnectionOptions,
  options: ConnectionOptions,
): ResolvedConnectionOptions => resolveOptions(options, connectionRules(base), base);

describe('defaults', () => {
  test('a server and a client differ in two', () => {
    const { maxMessageSize, backpressure, ...server } = serverDefaults;
    const { maxMessageSize: clientSize, backpressure: clientMarks, ...client } = clientDefaults;
    assert.deepEqual([maxMessageSize, backpressure.hard], [MIB, MIB]);
    assert.deepEqual([clientSize, clientMarks.hard], [16 * MIB, 16 * MIB]);
    assert.deepEqual(server, client);
    assert.deepEqual({ ...backpressure, hard: 0 }, { ...clientMarks, hard: 0 });
  });

  test('are those of the table', () => {
    const { backpressure, heartbeat, ...rest } = serverDefaults;
    assert.deepEqual(heartbeat, { interval: 25_000, timeout: 20_000 });
    assert.deepEqual(backpressure, { soft: 65_536, hard: MIB, policy: 'close', timeout: 30_000 });
    assert.deepEqual(rest, {
      maxMessageSize: MIB,
      maxFragments: 1_024,
      maxFrameSize: Infinity,
      maxStreamedSize: Infinity,
      maxFragmentSize: Infinity,
      messageTimeout: 30_000,
      stallTimeout: Infinity,
      closeTimeout: 5_000,
      receiveQueue: 65_536,
      concurrency: 1,
      validateUtf8: true,
      allowReservedBits: false,
      echoClose: true,
      maskingKey: undefined,
      receiveBuffer: { initial: 1_024, growBy: 0, max: Infinity },
      keepAlive: false,
      compression: false,
      ...limitDefaults,
    });
  });

  test('are frozen, nested ones too', () => {
    for (const part of [serverDefaults, serverDefaults.heartbeat, serverDefaults.receiveBuffer]) {
      assert.ok(Object.isFrozen(part));
    }
    assert.ok(Object.isFrozen(clientDefaults.backpressure));
  });
});

describe('nested options', () => {
  test('are completed from the defaults they stand on, key by key', () => {
    const server = optionsOf('server', {
      backpressure: { soft: 10 },
      heartbeat: { interval: 7 },
      compression: { level: 1 },
      receiveBuffer: { growBy: 100 },
    });
    const endpoint = over(server, {
      backpressure: { hard: 20 },
      heartbeat: { timeout: 8 },
      compression: { threshold: 0 },
      receiveBuffer: { max: 1_000 },
    });
    const { soft, hard } = endpoint.backpressure;
    assert.deepEqual([soft, hard], [10, 20]);
    assert.deepEqual(endpoint.heartbeat, { interval: 7, timeout: 8 });
    assert.deepEqual(endpoint.receiveBuffer, { initial: 1_024, growBy: 100, max: 1_000 });
    assert.ok(endpoint.compression);
    assert.deepEqual([endpoint.compression.level, endpoint.compression.threshold], [1, 0]);
  });

  test('a soft mark that nobody gave is at most the hard one', () => {
    assert.equal(optionsOf('server', { backpressure: { hard: 100 } }).backpressure.soft, 100);
    const server = optionsOf('server', { backpressure: { soft: 500 } });
    assert.equal(over(server, { backpressure: { hard: 100 } }).backpressure.soft, 100);
    assert.equal(over(server, { backpressure: { hard: 1_000 } }).backpressure.soft, 500);
  });

  test('may be turned off, and on again', () => {
    const off = optionsOf('server', { heartbeat: false, compression: false, keepAlive: false });
    assert.deepEqual([off.heartbeat, off.compression, off.keepAlive], [false, false, false]);
    const on = over(off, { heartbeat: { interval: 5 }, compression: true, keepAlive: 1_000 });
    assert.deepEqual(on.heartbeat, { interval: 5, timeout: 20_000 });
    assert.equal(on.keepAlive, 1_000);
    assert.deepEqual(on.compression, {
      threshold: 1_024,
      level: 6,
      memoryLevel: 5,
      windowBits: 12,
      peerWindowBits: 12,
      contextTakeover: false,
      peerContextTakeover: false,
      maxRatio: 100,
    });
    assert.deepEqual(
      over(optionsOf('server', { compression: { level: 1 } }), { compression: true }).compression,
      { ...on.compression, level: 1 },
    );
  });
});

const wrong: readonly (readonly [string, object])[] = [
  ['maxMessageSize', { maxMessageSize: 0 }],
  ['maxFragments', { maxFragments: 1.5 }],
  ['maxFrameSize', { maxFrameSize: -1 }],
  ['maxStreamedSize', { maxStreamedSize: NaN }],
  ['maxFragmentSize', { maxFragmentSize: 0 }],
  ['messageTimeout', { messageTimeout: 0 }],
  ['stallTimeout', { stallTimeout: -5 }],
  ['closeTimeout', { closeTimeout: 2 ** 31 }],
  ['heartbeat', { heartbeat: true }],
  ['heartbeat.interval', { heartbeat: { interval: 0 } }],
  ['backpressure', { backpressure: false }],
  ['backpressure.soft', { backpressure: { soft: 0 } }],
  ['backpressure.policy', { backpressure: { policy: 'none' } }],
  ['receiveQueue', { receiveQueue: Infinity }],
  ['concurrency', { concurrency: 0 }],
  ['validateUtf8', { validateUtf8: 'no' }],
  ['allowReservedBits', { allowReservedBits: 1 }],
  ['echoClose', { echoClose: null }],
  ['maskingKey', { maskingKey: 5 }],
  ['receiveBuffer.growBy', { receiveBuffer: { growBy: 0 } }],
  ['keepAlive', { keepAlive: 0 }],
  ['compression', { compression: 'yes' }],
  ['compression.level', { compression: { level: 10 } }],
  ['compression.windowBits', { compression: { windowBits: 7 } }],
  ['compression.peerWindowBits', { compression: { peerWindowBits: 16 } }],
  ['unknown option compression.windowbits', { compression: { windowbits: 9 } }],
];

describe('a wrong option is an error that names it', () => {
  for (const [name, options] of wrong) {
    test(`${name} in ${JSON.stringify(options)}`, () => {
      const named = (error: unknown): boolean =>
        (error instanceof TypeError || error instanceof RangeError) &&
        error.message.startsWith(`${name}${name.startsWith('unknown') ? ';' : ' must be'}`);
      assert.throws(() => optionsOf('server', options), named);
    });
  }
});

test('a soft mark above the hard one is a RangeError that names both', () => {
  const message = 'backpressure.soft must be at most backpressure.hard, which is 5, but is 10';
  assert.throws(() => optionsOf('server', { backpressure: { soft: 10, hard: 5 } }), {
    name: 'RangeError',
    message,
  });
  assert.throws(() => optionsOf('server', { backpressure: { soft: 2 ** 21 } }), {
    name: 'RangeError',
    message: /backpressure\.soft .* backpressure\.hard, which is 1048576, but is 2097152$/,
  });
  const same = optionsOf('server', { backpressure: { soft: 5, hard: 5 } });
  assert.deepEqual([same.backpressure.soft, same.backpressure.hard], [5, 5]);
});
