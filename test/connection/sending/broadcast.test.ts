import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';

import type { Connection } from '../../../src/connection/connection.ts';
import { Tally } from '../../../src/connection/reporting/tally.ts';
import { broadcast } from '../../../src/connection/sending/broadcast.ts';
import { deferred, rawPair, type RawPairOptions, settle, unstarted } from '../raw-peer.ts';

type RawPair = ReturnType<typeof rawPair>;

const pairs = (count: number, given?: RawPairOptions): RawPair[] =>
  Array.from({ length: count }, () => rawPair(given));
const connections = (some: readonly RawPair[]) => some.map(({ connection }) => connection);

/** A pair whose peer does not read, with so little on its way that everything waits. */
function slow(policy: 'close' | 'drop-newest' | 'drop-oldest' | 'conflate', tally = new Tally()) {
  const backpressure = { soft: 10, hard: 30, policy };
  const pair = rawPair({ options: { backpressure }, highWaterMark: 1, tally });
  pair.peer.transport.pause();
  return { ...pair, tally };
}

const text = (payload: Buffer): string =>
  inflateRawSync(Buffer.concat([payload, Buffer.from('0000ffff010000ffff', 'hex')])).toString();

describe('broadcast()', () => {
  test('RFC 6455 §5.6: text and bytes reach all, and those who queued it are counted', async () => {
    const tally = new Tally();
    const some = pairs(5, { tally });
    assert.deepEqual(broadcast(new Set(connections(some)), 'é'), { queued: 5, dropped: 0 });
    const bytes = Uint16Array.of(0x4241);
    assert.deepEqual(broadcast(connections(some), bytes, {}), { queued: 5, dropped: 0 });
    bytes.fill(0);
    await settle();
    for (const { peer } of some) assert.deepEqual(peer.log, ['1 é', '2 AB']);
    assert.equal(tally.messagesSent, 10);
    assert.equal(tally.bytesSent, 5 * (4 + 4));
  });

  test('a receiver or a set of them can be left out', async () => {
    const some = pairs(3);
    const [first, second, third] = connections(some);
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    const all = connections(some);
    assert.equal(broadcast(all, 'a', { except: first }).queued, 2);
    assert.equal(broadcast(all, 'b', { except: new Set([second, third]) }).queued, 1);
    assert.equal(broadcast(all, 'c', { except: new Set() }).queued, 3);
    assert.equal(broadcast([], 'd').queued, 0);
    await settle();
    assert.deepEqual(
      some.map(({ peer }) => peer.log),
      [
        ['1 b', '1 c'],
        ['1 a', '1 c'],
        ['1 a', '1 c'],
      ],
    );
  });

  test('wrong arguments are TypeErrors, and nobody gets anything', async () => {
    const some = pairs(1);
    const [connection] = connections(some);
    const all = connections(some);
    const wrong: [() => unknown, RegExp][] = [
      [() => broadcast(all, 5 as never), /^TypeError: message must be a string, an ArrayBuffer/],
      [() => broadcast(connection as never, 'x'), /^TypeError: connections must be an iterable/],
      [() => broadcast('abc' as never, 'x'), /^TypeError: connections must be an iterable/],
      [() => broadcast([...all, {}] as never, 'x'), /^TypeError: each of connections must be a/],
      [() => broadcast([...all, 5] as never, 'x'), /^TypeError: each of connections must be a/],
      [() => broadcast([...all, null] as never, 'x'), /^TypeError: each of connections must be a/],
      [() => broadcast(all, 'x', 5 as never), /^TypeError: options must be an object/],
      [
        () => broadcast(all, 'x', { fin: true } as never),
        /^TypeError: unknown option fin; allowed/,
      ],
      [
        () => broadcast(all, 'x', { except: [] as never }),
        /^TypeError: except must be a Connection/,
      ],
      [() => broadcast(all, 'x', { compress: 1 as never }), /^TypeError: compress must be true or/],
      [() => broadcast(all, 'x', { key: 1 as never }), /^TypeError: key must be a string/],
    ];
    for (const [call, error] of wrong) assert.throws(call, error);
    await settle();
    assert.deepEqual(some[0]?.peer.log, []);
  });

  test('who is not open is passed over', async () => {
    const some = pairs(4);
    const [closing, gone, over, open] = some;
    assert.ok(closing !== undefined && gone !== undefined && over !== undefined);
    void closing.connection.close();
    gone.connection.terminate();
    over.peer.transport.destroy();
    await over.connection.closed;
    assert.deepEqual(broadcast(connections(some), 'x'), { queued: 1, dropped: 0 });
    await settle();
    assert.deepEqual([closing.peer.log, open?.peer.log], [['close 1000'], ['1 x']]);
  });

  test('RFC 6455 §5.3: clients among the receivers mask, each with keys of its own', async () => {
    let key = 0;
    const options = { maskingKey: () => ++key };
    const some = [...pairs(2, { role: 'client', options }), ...pairs(1)];
    broadcast(connections(some), 'abc');
    await settle();
    for (const [index, { peer }] of some.entries()) {
      assert.deepEqual(peer.log, ['1 abc']);
      assert.equal(peer.frames[0]?.masked, index < 2);
    }
    assert.equal(key, 2);
  });

  test('F051: where messages are split, this one is as well', async () => {
    const [split] = pairs(1, { options: { maxFragmentSize: 2 } });
    broadcast(connections(split === undefined ? [] : [split]), 'abc');
    await settle();
    assert.deepEqual(split?.peer.log, ['1 ab', '0 c']);
  });

  test('what is sent before and after keeps its place', async () => {
    const some = pairs(2);
    const [first] = connections(some);
    first?.send('before');
    broadcast(connections(some), 'all');
    first?.send('after');
    await settle();
    assert.deepEqual(
      some.map(({ peer }) => peer.log),
      [['1 before', '1 all', '1 after'], ['1 all']],
    );
  });

  test('RFC 6455 §5.4: it waits behind a message in fragments, in order, and is counted', async () => {
    const [byHand, byPieces] = pairs(2);
    assert.ok(byHand !== undefined && byPieces !== undefined);
    const all = connections([byHand, byPieces]);
    byHand.connection.send('x', { fin: false });
    const more = deferred();
    const sending = byPieces.connection.sendFragments(
      (async function* () {
        yield 'x';
        await more.promise;
      })(),
      'text',
    );
    await settle();
    assert.deepEqual(broadcast(all, 'all'), { queued: 2, dropped: 0 });
    assert.deepEqual(
      [byHand.connection.bufferedAmount, byPieces.connection.bufferedAmount],
      [3, 3],
    );
    byHand.connection.send('y', { fin: true });
    more.resolve();
    await sending;
    await settle();
    assert.deepEqual(byHand.peer.log, ['1 x', '0 y', '1 all']);
    assert.deepEqual(byPieces.peer.log, ['1 x', '0 ', '1 all']);
    assert.equal(byHand.connection.bufferedAmount, 0);
  });

  test('what waits behind a message that never ends is lost with the connection, and told', async () => {
    const { connection, peer } = rawPair();
    connection.send('x', { fin: false });
    broadcast([connection], 'all');
    const closed = connection.close();
    await peer.until(2);
    peer.close();
    peer.transport.end();
    assert.equal((await closed).bufferedAmount, 3);
    assert.deepEqual(peer.log, ['1 x', 'close 1000']);
  });
});

describe('broadcast() and slow receivers', () => {
  const size = (count: number): string => 'x'.repeat(count);

  test('close: at the hard mark the slow one is closed with 1013, and nobody else', async () => {
    const bad = slow('close');
    const [good] = pairs(1);
    assert.ok(good !== undefined);
    const all = connections([bad, good]);
    assert.deepEqual(broadcast(all, size(40)), { queued: 2, dropped: 0 });
    assert.deepEqual(broadcast(all, 'second'), { queued: 1, dropped: 1 });
    assert.deepEqual(bad.connection.dropped, { messages: 1, bytes: 6 });
    assert.deepEqual(broadcast(all, 'third'), { queued: 1, dropped: 0 });
    bad.peer.transport.resume();
    await settle(100);
    assert.match(bad.peer.log[1] ?? '', /^close 1013 /);
    assert.deepEqual(good.peer.log, [`1 ${size(40)}`, '1 second', '1 third']);
  });

  test('drop-newest: the slow one misses what comes at the hard mark', async () => {
    const { connection, peer, tally } = slow('drop-newest');
    assert.deepEqual(broadcast([connection], size(40)), { queued: 1, dropped: 0 });
    assert.deepEqual(broadcast([connection], 'second'), { queued: 0, dropped: 1 });
    assert.deepEqual(connection.dropped, { messages: 1, bytes: 6 });
    assert.equal(tally.messagesSent, 1);
    assert.equal(tally.limits.get('backpressure.hard'), 1);
    peer.transport.resume();
    await settle(100);
    assert.deepEqual(peer.log, [`1 ${size(40)}`]);
  });

  test('drop-oldest: the slow one misses what waited longest', async () => {
    const { connection, peer } = slow('drop-oldest');
    for (const each of [size(20), 'second', 'third', 'fourth']) {
      assert.deepEqual(broadcast([connection], each), { queued: 1, dropped: 0 });
    }
    assert.deepEqual(connection.dropped, { messages: 1, bytes: 6 });
    peer.transport.resume();
    await settle(100);
    assert.deepEqual(peer.log, [`1 ${size(20)}`, '1 third', '1 fourth']);
  });

  test('drop-oldest: without anything to drop the new one is dropped', () => {
    const { connection, tally } = slow('drop-oldest');
    broadcast([connection], size(40));
    assert.deepEqual(broadcast([connection], 'second'), { queued: 0, dropped: 1 });
    assert.equal(tally.messagesSent, 1);
  });

  test('conflate: a later message with the same key replaces one that waits', async () => {
    const { connection, peer } = slow('conflate');
    broadcast([connection], size(20));
    broadcast([connection], 'old', { key: 'price' });
    broadcast([connection], 'kept', { key: 'volume' });
    connection.send('own', { key: 'own' });
    broadcast([connection], 'new', { key: 'price' });
    assert.deepEqual(connection.dropped, { messages: 1, bytes: 3 });
    peer.transport.resume();
    await settle(100);
    assert.deepEqual(peer.log, [`1 ${size(20)}`, '1 kept', '1 own', '1 new']);
  });

  test('drained() waits for it, and drain is told', async () => {
    let drains = 0;
    const handler = { drain: () => void drains++ };
    const { connection, peer } = rawPair({
      handler,
      options: { backpressure: { soft: 10, hard: 1_000 } },
      highWaterMark: 1,
    });
    peer.transport.pause();
    broadcast([connection], size(40));
    let drained = false;
    const waiting = connection.drained().then(() => (drained = true));
    await settle();
    assert.deepEqual([drained, connection.bufferedAmount > 10], [false, true]);
    peer.transport.resume();
    await waiting;
    await settle(100);
    assert.equal(drains, 1);
  });

  test('the memory budget counts it, and evicts whoever holds most', async () => {
    const { connection } = rawPair();
    const options = { memoryBudget: { output: 1_000 } };
    const first = rawPair({ options, highWaterMark: 1 });
    first.peer.transport.pause();
    await settle();
    broadcast([first.connection, connection], size(2_000));
    await settle();
    assert.equal(first.connection.state === 'open', false);
    assert.equal(connection.state, 'open');
  });
});

describe('broadcast() and receivers that fail', () => {
  test('a transport that throws loses its connection, and all others get the message', async () => {
    const broken = unstarted();
    const failure = new Error('broken');
    broken.near.write = () => {
      throw failure;
    };
    broken.connection.start();
    const some = pairs(2);
    const [first, second] = connections(some);
    assert.ok(first !== undefined && second !== undefined);
    const all = [first, broken.connection, second];
    assert.deepEqual(broadcast(all, 'x'), { queued: 2, dropped: 0 });
    const info = await broken.connection.closed;
    assert.deepEqual([info.code, info.error], [1006, failure]);
    await settle();
    for (const { peer } of some) assert.deepEqual(peer.log, ['1 x']);
  });

  test('a handler that throws in drain hurts its own connection alone', async () => {
    const handler = {
      drain() {
        throw new Error('mine');
      },
      error() {},
    };
    const options = { backpressure: { soft: 1, hard: 100 } };
    const bad = rawPair({ handler, options });
    const [good] = pairs(1);
    assert.ok(good !== undefined);
    broadcast(connections([bad, good]), 'first');
    await settle(10);
    assert.deepEqual(broadcast(connections([bad, good]), 'second'), { queued: 1, dropped: 0 });
    await settle();
    assert.deepEqual(good.peer.log, ['1 first', '1 second']);
    assert.match(bad.peer.log[1] ?? '', /^close 1011/);
  });

  test('an iterable that throws throws before anything is sent', async () => {
    const [pair] = pairs(1);
    assert.ok(pair !== undefined);
    const failing = function* (): Generator<Connection> {
      yield pair.connection;
      throw new Error('no more');
    };
    assert.throws(() => broadcast(failing(), 'x'), /no more/);
    await settle();
    assert.deepEqual(pair.peer.log, []);
  });
});

describe('broadcast() and permessage-deflate', () => {
  const compression = { threshold: 10 };
  const long = 'so much alike, '.repeat(10);

  test('RFC 7692 §7.1.1: those without context takeover share one compressed form', async () => {
    const some = pairs(3, { options: { compression }, deflate: {} });
    const plain = rawPair();
    broadcast(connections([...some, plain]), long);
    broadcast(connections([...some, plain]), 'short');
    await Promise.all(some.map(({ peer }) => peer.until(2)));
    const [first] = some;
    for (const { peer } of some) {
      assert.deepEqual(
        peer.frames.map(({ rsv }) => rsv),
        [4, 0],
        'in order, and the short one as it is',
      );
      assert.deepEqual(peer.frames, first?.peer.frames);
      assert.equal(text(peer.frames[0]?.payload ?? Buffer.alloc(0)), long);
    }
    await plain.peer.until(2);
    assert.deepEqual(plain.peer.log, [`1 ${long}`, '1 short']);
  });

  test('each window has a form of its own, and a client masks it', async () => {
    const some = [
      rawPair({ options: { compression }, deflate: { windowBits: 9 } }),
      rawPair({ options: { compression }, deflate: { windowBits: 15 } }),
      rawPair({ options: { compression }, deflate: { contextTakeover: true } }),
      rawPair({ options: { compression }, deflate: {}, role: 'client' }),
    ];
    broadcast(connections(some), long);
    broadcast(connections(some), long, { compress: false });
    for (const { peer } of some) {
      await peer.until(2);
      assert.deepEqual(
        peer.frames.map(({ rsv }) => rsv),
        [4, 0],
      );
      assert.equal(text(peer.frames[0]?.payload ?? Buffer.alloc(0)), long);
      assert.equal(String(peer.frames[1]?.payload), long);
    }
    assert.equal(some[3]?.peer.frames[0]?.masked, true);
  });

  test('bytes that wait for compression count uncompressed', async () => {
    const { connection, peer } = rawPair({ options: { compression }, deflate: {} });
    broadcast([connection], long);
    assert.equal(connection.bufferedAmount, long.length);
    await peer.until(1);
    await settle();
    assert.equal(connection.bufferedAmount, 0);
  });

  test('one that ends while it is compressed takes nothing from the others', async () => {
    const some = pairs(2, { options: { compression }, deflate: {} });
    broadcast(connections(some), long);
    some[0]?.connection.terminate();
    const other = some[1];
    await other?.peer.until(1);
    assert.equal(text(other?.peer.frames[0]?.payload ?? Buffer.alloc(0)), long);
    assert.deepEqual(some[0]?.peer.frames, []);
  });
});
