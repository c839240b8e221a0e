import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';

import type { ConnectionOptions } from '../../../src/connection/options/options.ts';
import { Outgoing } from '../../../src/connection/sending/outgoing.ts';
import type { Payload } from '../../../src/connection/sending/payload.ts';
import { Wire } from '../../../src/connection/wire.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { memoryPair } from '../../../src/transport/memory.ts';
import { optionsOf, rawPair, RawPeer, settle } from '../raw-peer.ts';

/** The way out of a server's connection whose peer does not read until `peer` is resumed. */
function makeOutgoing(given: ConnectionOptions = {}) {
  const options = optionsOf('server', { backpressure: { soft: 100, hard: 1_000 }, ...given });
  const [near, far] = memoryPair({ highWaterMark: 1 });
  const told = { drains: 0, drops: [] as number[] };
  const wire: Wire = new Wire(
    { role: 'server', transport: near, options, deflate: undefined, handler: undefined },
    new VirtualClock(),
    {
      get unsent() {
        return outgoing.unsent;
      },
      onMessage() {},
      onPiece() {},
      onPing() {},
      onPong() {},
      onProgress: () => outgoing.onProgress(),
      onError: () => {},
      onLimit: (limit) => wire.traffic.tally.hit(limit),
      onWrite: () => outgoing.onWrite(),
      onClosing: () => outgoing.onClosing(),
      onEnding: () => outgoing.onEnding(),
      onEnd() {},
    },
    { waiting: 0, drop() {} },
  );
  const outgoing: Outgoing = new Outgoing(wire, options.backpressure, {
    onDrained: () => told.drains++,
    onDroppedSlow: (_, bytes) => void told.drops.push(bytes),
  });
  const peer = new RawPeer(far, 'client');
  wire.start();
  peer.transport.pause();
  return { outgoing, wire, peer, told };
}

const notOpen = { code: 'ERR_NOT_OPEN' };

describe('Outgoing: send()', () => {
  test('answers true below the soft mark, false from it on, and tells once it is below', async () => {
    const { outgoing, peer, told } = makeOutgoing();
    assert.equal(outgoing.send('x'.repeat(90), undefined), true);
    assert.equal(outgoing.send('x'.repeat(90), undefined), false);
    await settle();
    assert.equal(told.drains, 0);
    peer.transport.resume();
    await peer.until(2);
    await settle();
    assert.equal(told.drains, 1);
    assert.equal(outgoing.send('x', undefined), true);
  });

  test('accepts below the hard mark whatever the size; then fails it with 1013', async () => {
    const { outgoing, wire, peer } = makeOutgoing();
    assert.equal(outgoing.send('x'.repeat(90), undefined), true);
    assert.equal(outgoing.send('x'.repeat(5_000), undefined), false);
    assert.equal(wire.protocol.state, 'open');
    assert.equal(outgoing.send('dropped é', undefined), false);
    assert.deepEqual(outgoing.dropped, { messages: 1, bytes: 10 });
    assert.notEqual(wire.protocol.state, 'open');
    peer.transport.resume();
    await peer.until(3);
    assert.deepEqual(
      peer.frames.map(({ opcode }) => opcode),
      [1, 1, 8],
    );
    assert.match(peer.log[2] ?? '', /^close 1013 /);
  });

  test('wrong arguments throw, also when nothing can be sent any more', () => {
    const { outgoing, wire } = makeOutgoing();
    for (let round = 0; round < 2; round++) {
      assert.throws(() => outgoing.send(5 as never, undefined), /^TypeError: message must be/);
      assert.throws(() => outgoing.send('x', { fin: 1 as never }), /^TypeError: fin must be/);
      assert.throws(() => outgoing.ping(5 as never), /^TypeError: bytes must be/);
      assert.throws(() => outgoing.ping('é'.repeat(63)), /^RangeError: .*but these are 126/);
      assert.throws(() => outgoing.sendFragments('x' as never, 'text'), /^TypeError: pieces must/);
      wire.terminate();
    }
  });

  test('F056: once not open it gives false, and promises reject; nothing is sent', async () => {
    for (const how of ['close', 'terminate'] as const) {
      const { outgoing, wire, peer } = makeOutgoing();
      if (how === 'close') wire.protocol.close(1000);
      else wire.terminate();
      assert.equal(outgoing.send('x', undefined), false);
      await assert.rejects(outgoing.drained(), notOpen);
      await assert.rejects(outgoing.ping('x'), notOpen);
      await assert.rejects(outgoing.sendFragments(['x'], 'text'), notOpen);
      peer.transport.resume();
      await settle();
      assert.deepEqual(peer.log, how === 'close' ? ['close 1000'] : []);
    }
  });
});

describe('Outgoing: drained()', () => {
  test('resolves at once below the soft mark', async () => {
    await makeOutgoing().outgoing.drained();
  });

  test('resolves when enough has left, also what was written since', async () => {
    const { outgoing, peer, wire } = makeOutgoing();
    outgoing.send('x'.repeat(200), undefined);
    let drained = false;
    const waiting = outgoing.drained().then(() => (drained = true));
    await settle();
    assert.equal(drained, false);
    peer.transport.resume();
    await waiting;
    assert.ok(wire.bufferedAmount < 100);
  });

  test('rejects when the connection closes or ends meanwhile', async () => {
    for (const how of ['close', 'terminate'] as const) {
      const { outgoing, wire } = makeOutgoing();
      outgoing.send('x'.repeat(200), undefined);
      const waiting = outgoing.drained();
      if (how === 'terminate') wire.terminate();
      else outgoing.onClosing();
      await assert.rejects(waiting, notOpen);
    }
  });
});

describe('Outgoing: sendFragments()', () => {
  test('goes at the pace of the peer, and other messages wait behind it', async () => {
    const { outgoing, peer } = makeOutgoing();
    const asked: number[] = [];
    function* pieces(): Generator<Payload> {
      for (let index = 0; index < 10; index++) {
        asked.push(index);
        yield new Uint8Array(60);
      }
    }
    const sending = outgoing.sendFragments(pieces(), 'binary');
    await settle();
    assert.ok(asked.length < 10, `${asked.length} were asked for`);
    outgoing.send('behind', undefined);
    peer.transport.resume();
    await sending;
    await peer.until(11);
    const kinds = peer.frames.map(({ opcode, fin }) => `${opcode}${fin ? ' FIN' : ''}`);
    assert.deepEqual(kinds, ['2', ...Array<string>(8).fill('0'), '0 FIN', '1 FIN']);
  });

  test('two of them wait for each other', async () => {
    const { outgoing, peer } = makeOutgoing();
    peer.transport.resume();
    const both = [outgoing.sendFragments(['a', 'b'], 'text')];
    both.push(outgoing.sendFragments(['c', 'd'], 'text'));
    await Promise.all(both);
    await peer.until(4);
    assert.deepEqual(peer.log, ['1 a', '0 b', '1 c', '0 d']);
  });

  test('rejects when the connection ends, also one that waits for its turn or its source', async () => {
    const { outgoing, wire } = makeOutgoing();
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const first = outgoing.sendFragments(silent, 'text');
    const second = outgoing.sendFragments(['x'], 'text');
    await settle();
    wire.terminate();
    await assert.rejects(first, notOpen);
    await assert.rejects(second, notOpen);
  });

  test('a source that breaks in the middle fails the connection with 1011', async () => {
    const { outgoing, peer } = makeOutgoing();
    peer.transport.resume();
    async function* source(): AsyncGenerator<Payload> {
      yield 'a';
      throw new Error('broke');
    }
    await assert.rejects(outgoing.sendFragments(source(), 'text'), /^Error: broke$/);
    await peer.until(2);
    assert.deepEqual(peer.log, ['1 a', 'close 1011']);
  });
});

test('Outgoing: the bytes of a ping go out as they are, text as UTF-8', async () => {
  const { outgoing, peer } = makeOutgoing();
  peer.transport.resume();
  const pings = [outgoing.ping('é'), outgoing.ping(new Uint16Array([0x4241]))];
  for (const ping of pings) ping.catch(() => {});
  await peer.until(2);
  assert.deepEqual(peer.log, ['9 é', '9 AB']);
});

/** What the peer got, once it reads: every message by its first character. */
async function readBy(peer: RawPeer, count: number): Promise<string> {
  peer.transport.resume();
  await peer.until(count);
  await settle();
  return peer.frames.map(({ payload }) => String(payload)[0] ?? '').join('');
}

describe('Outgoing: the policies for slow consumers', () => {
  const make = (policy: 'drop-newest' | 'drop-oldest' | 'conflate') =>
    makeOutgoing({ backpressure: { soft: 100, hard: 300, policy } });
  const send = (outgoing: Outgoing, letters: string, key?: string): boolean[] =>
    letters
      .split('')
      .map((letter) => outgoing.send(letter.repeat(90), key === undefined ? {} : { key }));

  test('FC-03: drop-newest drops the new message, whole and counted, and stays open', async () => {
    const { outgoing, wire, peer, told } = make('drop-newest');
    assert.deepEqual(send(outgoing, 'abcdef'), [true, false, false, false, false, false]);
    assert.deepEqual(outgoing.dropped, { messages: 2, bytes: 180 });
    assert.deepEqual(told.drops, [90, 90]);
    assert.equal(wire.traffic.tally.limits.get('backpressure.hard'), 2);
    assert.equal(wire.traffic.tally.messagesSent, 4);
    assert.equal(await readBy(peer, 4), 'abcd');
    assert.equal(wire.protocol.state, 'open');
    assert.equal(told.drains, 1);
  });

  test('FC-03: drop-oldest keeps the latest, in order, of which nothing was written', async () => {
    const { outgoing, wire, peer, told } = make('drop-oldest');
    send(outgoing, 'abcdefgh');
    assert.ok(wire.bufferedAmount < 300 + 90 + 20, `${wire.bufferedAmount} bytes wait`);
    assert.deepEqual(outgoing.dropped, {
      messages: told.drops.length,
      bytes: 90 * told.drops.length,
    });
    assert.equal(await readBy(peer, 8 - told.drops.length), 'abgh');
    assert.deepEqual([wire.bufferedAmount, outgoing.unsent, told.drains], [0, 0, 1]);
  });

  test('FC-03: conflate replaces what waits under the same key, others keep their order', async () => {
    const { outgoing, peer, told } = make('conflate');
    send(outgoing, 'ab');
    send(outgoing, 'c', 'one');
    send(outgoing, 'd', 'two');
    send(outgoing, 'e', 'one');
    assert.deepEqual(told.drops, [90]);
    assert.equal(await readBy(peer, 4), 'abde');
    outgoing.send('f', { key: 'one' });
    outgoing.send('g', { key: 'one' });
    assert.equal(await readBy(peer, 6), 'abdefg', 'nothing waited: nothing to replace');
  });

  test('conflate drops the oldest when no key helps', async () => {
    const { outgoing, peer } = make('conflate');
    send(outgoing, 'abcd', undefined);
    send(outgoing, 'e', 'key');
    assert.equal(outgoing.dropped.messages, 1);
    assert.equal(await readBy(peer, 4), 'abde');
  });

  test('drop-oldest with nothing to drop drops the new message', async () => {
    const { outgoing, peer } = make('drop-oldest');
    outgoing.send('a'.repeat(1_000), undefined);
    assert.equal(outgoing.send('b', undefined), false);
    assert.deepEqual(outgoing.dropped, { messages: 1, bytes: 1 });
    assert.equal(await readBy(peer, 1), 'a');
  });

  test('the caller may change the bytes of a message that waits', async () => {
    const { outgoing, peer } = make('drop-oldest');
    send(outgoing, 'ab');
    const bytes = Buffer.from('cc');
    outgoing.send(bytes, undefined);
    bytes.fill(0);
    assert.equal(await readBy(peer, 3), 'abc');
  });

  test('what is sent in fragments goes behind what waits, and is never dropped', async () => {
    const { outgoing, wire, peer } = make('drop-oldest');
    send(outgoing, 'abc');
    assert.ok(outgoing.unsent > 0);
    assert.equal(outgoing.send('d', { fin: false }), false);
    assert.throws(() => outgoing.send('x', undefined), { code: 'ERR_MESSAGE_UNFINISHED' });
    outgoing.send('e', { fin: true });
    assert.equal(wire.protocol.state, 'open');
    assert.equal(await readBy(peer, 5), 'abcde');
    const filled = make('drop-newest');
    send(filled.outgoing, 'abcd');
    filled.outgoing.send('x', { fin: false });
    assert.equal(filled.wire.protocol.state, 'closed', 'failed with 1013: a fragment cannot go');
  });

  test('flush hands on all that waits; at the end what waited counts as lost', async () => {
    const { outgoing, wire } = make('drop-oldest');
    send(outgoing, 'abc');
    const { bufferedAmount } = wire;
    outgoing.flush();
    assert.equal(outgoing.unsent, 0);
    assert.ok(wire.bufferedAmount >= bufferedAmount);
    send(outgoing, 'd');
    const { unsent } = outgoing;
    assert.ok(unsent > 0);
    outgoing.onEnding();
    assert.equal(outgoing.unsent, unsent);
  });
});

test('Outgoing: what had to be compressed counts in the budget until it left, and no longer', async () => {
  const resolved = optionsOf('server', { compression: true, memoryBudget: { output: 1e9 } });
  const { output } = resolved.memoryBudget;
  const { connection, peer } = rawPair({ resolved, deflate: {}, highWaterMark: 1e9 });
  for (let count = 0; count < 2; count++) connection.send(randomBytes(40_000));
  await peer.until(1);
  assert.ok(output.used >= 40_000);
  await peer.until(2);
  await settle();
  assert.equal(connection.bufferedAmount, 0);
  assert.equal(output.used, 0);
});
