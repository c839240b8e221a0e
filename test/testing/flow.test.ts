import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { pattern, type Proxied, proxied } from './proxied.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets the event loop turn until something holds. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

test('without a fault every byte, FIN and close passes both ways', async (t) => {
  const { client, target, connection } = await proxied(t);
  const bytes = pattern(3_000_000);
  client.socket.end(bytes);
  assert.deepEqual(await target.has(bytes.length), bytes);
  assert.equal(await target.ended, 'fin');
  target.socket.end('bye');
  assert.equal(String(await client.has(3)), 'bye');
  assert.equal(await client.ended, 'fin');
  await connection.closed;
  const { received, forwarded, dropped, corrupted } = connection.upstream;
  assert.deepEqual([received, forwarded, dropped, corrupted], [3_000_000, 3_000_000, 0, 0]);
  assert.equal(connection.downstream.forwarded, 3);
  assert.equal(connection.error, undefined);
});

test('a reset passes to the other side', async (t) => {
  const { client, target, connection } = await proxied(t);
  client.socket.write('x');
  await target.has(1);
  client.socket.resetAndDestroy();
  assert.equal(await target.ended, 'ECONNRESET');
  await connection.closed;
  assert.match(String(connection.error), /ECONNRESET/);
});

test('delay: bytes and FIN come in order, when their time has come', async (t) => {
  const clock = new VirtualClock();
  const { client, target, connection } = await proxied(t, { clock, upstream: { delay: 100 } });
  client.socket.write('a');
  await until(() => connection.upstream.received === 1);
  await clock.pass(60);
  client.socket.end('b');
  await until(() => connection.upstream.received === 2);
  await turn();
  clock.advance(39);
  assert.equal(connection.upstream.writes, 0);
  clock.advance(1);
  assert.equal(String(await target.has(1)), 'a');
  clock.advance(60);
  assert.equal(String(await target.has(2)), 'ab');
  await until(() => clock.pending > 0 || target.socket.readableEnded);
  clock.advance(100);
  assert.equal(await target.ended, 'fin');
});

test('throttle: so many bytes a second, neither more nor fewer', async (t) => {
  const clock = new VirtualClock();
  const { client, connection } = await proxied(t, { clock, upstream: { throttle: 1_000 } });
  client.socket.write(pattern(5_000));
  await until(() => connection.upstream.received === 5_000);
  for (let time = 0; time < 2_000; time += 20) {
    const before = connection.upstream.writes;
    await until(() => connection.upstream.writes > before || clock.pending > 0);
    await until(() => clock.pending > 0);
    clock.advance(20);
  }
  await until(() => clock.pending > 0);
  const { forwarded } = connection.upstream;
  assert.ok(forwarded >= 1_980 && forwarded <= 2_040, String(forwarded));
});

test('throttle: 0 lets nothing through and reads no further, until it is changed', async (t) => {
  const { client, target, connection } = await proxied(t, { upstream: { throttle: 0 } });
  const bytes = pattern(20_000_000);
  client.socket.write(bytes);
  await until(() => client.socket.writableLength > 0);
  connection.set({ delay: 0 });
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(target.received.length, 0);
  assert.ok(client.socket.writableLength > 0, 'the sender feels it');
  connection.set({ throttle: Infinity }, 'upstream');
  assert.deepEqual(await target.has(bytes.length), bytes);
});

async function splitInto(t: TestContext, seed: number): Promise<number[]> {
  const { client, target } = await proxied(t, { seed, upstream: { split: 50 } });
  const sizes: number[] = [];
  // The sizes of the writes, whatever the receiver joins.
  target.socket.on('more', () => sizes.push(target.received.length));
  const bytes = pattern(1_000);
  client.socket.write(bytes.subarray(0, 333));
  await target.has(333);
  client.socket.write(bytes.subarray(333));
  assert.deepEqual(await target.has(1_000), bytes);
  return sizes;
}

test('split: writes have seeded sizes up to the one given', async (t) => {
  const { client, target, connection } = await proxied(t, { seed: 3, upstream: { split: 50 } });
  client.socket.write(pattern(1_000));
  await target.has(1_000);
  const { writes } = connection.upstream;
  assert.ok(writes > 20 && writes < 80, String(writes));
  const again = await proxied(t, { seed: 3, upstream: { split: 50 } });
  again.client.socket.write(pattern(1_000));
  await again.target.has(1_000);
  assert.equal(again.connection.upstream.writes, writes);
});

test('split: pieces are read one by one', async (t) => {
  const sizes = await splitInto(t, 5);
  assert.ok(sizes.length > 10, String(sizes));
});

async function corrupted(t: TestContext, seed: number, parts: number): Promise<Proxied> {
  const made = await proxied(t, { seed, upstream: { corrupt: 0.01 } });
  for (let part = 0; part < parts; part++) {
    made.client.socket.write(pattern(10_000).subarray(0, 10_000 / parts));
    await made.target.has(((part + 1) * 10_000) / parts);
  }
  return made;
}

test('corrupt: single bits flip, as often as told, counted, the same for the same seed', async (t) => {
  const { target, connection } = await corrupted(t, 11, 1);
  const bytes = pattern(10_000);
  const flips = [...target.received].flatMap((byte, index) => {
    const flipped = byte ^ (bytes[index] ?? NaN);
    return flipped === 0 ? [] : [flipped];
  });
  assert.ok(flips.length > 60 && flips.length < 140, String(flips.length));
  assert.ok(flips.every((bits) => Number.isInteger(Math.log2(bits))));
  assert.equal(connection.upstream.corrupted, flips.length);
  const again = await corrupted(t, 11, 1);
  assert.deepEqual(again.target.received, target.received);
  const other = await corrupted(t, 12, 1);
  assert.notDeepEqual(other.target.received, target.received);
});

test('corrupt: how the bytes came plays no part, and it can be turned on and off', async (t) => {
  const positions = ({ target }: Proxied, length: number): number[] => {
    const sent = pattern(length);
    return [...target.received].flatMap((byte, index) =>
      byte === sent[index % length] ? [] : [index],
    );
  };
  const whole = await corrupted(t, 11, 1);
  const inParts = await corrupted(t, 11, 10);
  assert.deepEqual(positions(inParts, 1_000), positions(whole, 10_000));
  const { client, target, connection } = inParts;
  const before = connection.upstream.corrupted;
  connection.set({ corrupt: 0 });
  client.socket.write(pattern(50_000));
  await target.has(60_000);
  assert.equal(connection.upstream.corrupted, before);
  connection.set({ corrupt: 1 }, 'upstream');
  client.socket.write(pattern(100));
  await target.has(60_100);
  assert.equal(connection.upstream.corrupted, before + 100);
});

for (const by of ['rst', 'fin'] as const) {
  test(`cut: so many bytes still go, then both ends get ${by}`, async (t) => {
    const { client, target, connection } = await proxied(t, {
      upstream: { cut: { after: 1_234, by } },
    });
    client.socket.write(pattern(5_000));
    assert.deepEqual(await target.has(1_234), pattern(1_234));
    assert.equal(await client.ended, by === 'rst' ? 'ECONNRESET' : 'fin');
    // A RST that is read together with the last bytes looks like a FIN in Node.
    assert.match(await target.ended, by === 'rst' ? /^(?:ECONNRESET|fin)$/ : /^fin$/);
    client.socket.end();
    target.socket.end();
    await connection.closed;
    assert.equal(target.received.length, 1_234);
    assert.equal(connection.upstream.forwarded, 1_234);
  });
}

test('cut: held at a byte, neither end hears of it, and lifting the cut goes on', async (t) => {
  const { client, target, connection } = await proxied(t, {
    upstream: { cut: { after: 10, by: 'hold' }, split: 3 },
  });
  client.socket.write(pattern(100));
  await target.has(10);
  connection.release();
  for (let turns = 0; turns < 20; turns++) await turn();
  assert.equal(target.received.length, 10);
  connection.set({ cut: false, hold: false });
  assert.deepEqual(await target.has(100), pattern(100));
});

test('cut: a place that is passed already cuts at once', async (t) => {
  const { client, target, connection } = await proxied(t);
  client.socket.write('hello');
  await target.has(5);
  await until(() => connection.upstream.forwarded === 5);
  connection.set({ cut: { after: 3, by: 'rst' } }, 'upstream');
  assert.equal(await client.ended, 'ECONNRESET');
});
