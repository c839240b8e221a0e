import assert from 'node:assert/strict';
import { Transform } from 'node:stream';
import { describe, test } from 'node:test';
import zlib, { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import { Opcode } from '../../src/protocol/opcode.ts';
import { connectedPair } from '../../src/testing/connected-pair.ts';
import { rawPair, type ReceivedFrame, settle } from '../connection/raw-peer.ts';

const options = { compression: { threshold: 1_000, maxRatio: Infinity } } as const;
const long = 'all work and no play '.repeat(200);

/** The text of a frame, inflated when RSV1 says so (RFC 7692 §7.2.2). */
function textOf({ payload, rsv }: ReceivedFrame): string {
  if (rsv !== 4) return payload.toString();
  const tail = Buffer.from('0000ffff', 'hex');
  return inflateRawSync(Buffer.concat([payload, tail]), {
    finishFlush: constants.Z_SYNC_FLUSH,
  }).toString();
}

function deflated(text: string): Uint8Array {
  return deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

describe('Behaviour 12: order', () => {
  test('messages leave in order of send, compressed or not, and the Close after all', async () => {
    const { connection, peer } = rawPair({ handler: {}, options, deflate: {} });
    const texts = Array.from({ length: 30 }, (_, index) => `${index} ${index % 3 ? 'x' : long}`);
    for (const text of texts) connection.send(text);
    void connection.close(4_000);
    await peer.until(31);
    assert.deepEqual(peer.frames.slice(0, 30).map(textOf), texts);
    assert.deepEqual(
      peer.frames.slice(0, 30).map(({ rsv }) => rsv),
      texts.map((text) => (text.length > 999 ? 4 : 0)),
    );
    assert.equal(peer.log[30], 'close 4000');
  });

  test('pings and pongs may overtake', async () => {
    const { connection, peer } = rawPair({ handler: {}, options, deflate: {} });
    connection.send(long.repeat(50));
    void connection.ping('overtakes');
    peer.send(Opcode.Ping, 'too');
    await peer.until(3);
    assert.deepEqual(
      peer.frames.map(({ opcode }) => opcode),
      [Opcode.Ping, Opcode.Pong, Opcode.Text],
    );
  });

  test('the echo of a Close waits for what was sent before', async () => {
    const { connection, peer } = rawPair({ handler: { message() {} }, options, deflate: {} });
    connection.send(long);
    peer.close(4_000);
    await settle(1);
    assert.equal(connection.send('too late'), false);
    await peer.until(2);
    assert.deepEqual([textOf(peer.frames[0] as ReceivedFrame), peer.log[1]], [long, 'close 4000']);
  });

  test('compressed messages are received in order, with control frames between them', async () => {
    const events: string[] = [];
    const { peer, connection } = rawPair({
      handler: {
        message: (_connection, message) => void events.push(String(message).slice(0, 3)),
        ping: () => void events.push('ping'),
        close: () => void events.push('close'),
      },
      options,
      deflate: {},
    });
    peer.send(Opcode.Text, deflated(`1${long}`), { rsv: 4 });
    peer.texts('2');
    peer.send(Opcode.Ping);
    peer.send(Opcode.Text, deflated(`3${long}`), { rsv: 4 });
    peer.close();
    peer.transport.end();
    await connection.closed;
    assert.deepEqual(events, ['1al', '2', 'ping', '3al', 'close']);
  });
});

test('Behaviour 12: at most one deflate and one inflate job run per connection', async (t) => {
  let running = 0;
  let jobs = 0;
  for (const codec of [zlib.DeflateRaw, zlib.InflateRaw]) {
    const { prototype } = codec as unknown as { prototype: Transform };
    const write = Transform.prototype.write as (chunk: unknown, done: () => void) => boolean;
    t.mock.method(prototype, 'write', function (this: Transform, chunk: unknown, done: () => void) {
      assert.equal(++running, 1);
      jobs++;
      return write.call(this, chunk, () => {
        running--;
        done();
      });
    });
  }
  const texts = Array.from({ length: 12 }, (_, index) => `${index} ${long.repeat(20)}`);
  const sender = rawPair({ options, deflate: {} });
  for (const text of texts) sender.connection.send(text);
  while (sender.peer.frames.length < texts.length) await settle(1);
  const deflations = jobs;
  assert.ok(deflations >= texts.length);
  const seen: unknown[] = [];
  const receiver = rawPair({
    options,
    deflate: {},
    handler: { message: (_connection, message) => void seen.push(message) },
  });
  for (const text of texts) receiver.peer.send(Opcode.Text, deflated(text), { rsv: 4 });
  while (seen.length < texts.length) await settle(1);
  assert.deepEqual(seen, texts);
  assert.ok(jobs >= deflations + texts.length);
});

describe('Behaviour 12: a job and the end', () => {
  test('terminate() drops it: nothing of the message leaves', async () => {
    const { connection, peer } = rawPair({ handler: {}, options, deflate: {} });
    connection.send(long);
    connection.terminate();
    await settle(30);
    assert.equal(peer.sink.received, 0);
  });

  test('terminate() drops one that inflates: no message comes, close once', async () => {
    const events: string[] = [];
    const { connection, peer } = rawPair({
      handler: {
        message: () => void events.push('message'),
        close: () => void events.push('close'),
      },
      options,
      deflate: {},
    });
    peer.send(Opcode.Text, deflated(long.repeat(200)), { rsv: 4 });
    // Memory moves by microtasks: the job has begun, and cannot be done before the next turn.
    for (let count = 0; count < 10; count++) await Promise.resolve();
    connection.terminate();
    await settle(30);
    assert.deepEqual(events, ['close']);
  });

  test('a message that was inflating when the peer ended is received first', async () => {
    const events: unknown[] = [];
    const { connection, peer } = rawPair({
      handler: {
        message: (_connection, message) => void events.push(String(message).length),
        close: (_connection, info) => void events.push(info.initiator),
      },
      options,
      deflate: {},
    });
    peer.send(Opcode.Text, deflated(long), { rsv: 4 });
    peer.transport.end();
    await connection.closed;
    assert.deepEqual(events, [long.length, 'network']);
  });

  test('one that inflated when the transport broke is received first as well', async () => {
    const events: unknown[] = [];
    const { connection, peer } = rawPair({
      handler: {
        message: (_connection, message) => void events.push(String(message).length),
        close: (_connection, { error }) => void events.push((error as NodeJS.ErrnoException).code),
      },
      options,
      deflate: {},
    });
    peer.send(Opcode.Text, deflated(long), { rsv: 4 });
    for (let count = 0; count < 10; count++) await Promise.resolve();
    peer.transport.destroy();
    await connection.closed;
    assert.deepEqual(events, [long.length, 'ECONNRESET']);
  });

  test('a pause while it inflates holds the message back, and nothing is lost', async () => {
    const seen: unknown[] = [];
    const { connection, peer } = rawPair({
      handler: { message: (_connection, message) => void seen.push(String(message).length) },
      options,
      deflate: {},
    });
    peer.send(Opcode.Text, deflated(long.repeat(100)), { rsv: 4 });
    peer.send(Opcode.Text, deflated('2'), { rsv: 4 });
    for (let count = 0; count < 10; count++) await Promise.resolve();
    connection.pause();
    await settle(30);
    assert.deepEqual(seen, []);
    connection.resume();
    while (seen.length < 2) await settle(1);
    assert.deepEqual(seen, [long.length * 100, 1]);
  });

  test('broken data fails with 1007', async () => {
    const { peer } = rawPair({ handler: { message() {} }, options, deflate: {} });
    peer.send(Opcode.Text, Buffer.from('ffffffff', 'hex'), { rsv: 4 });
    await peer.until(1);
    assert.match(peer.log[0] ?? '', /^close 1007 /);
  });

  test('more than maxMessageSize comes out: 1009', async () => {
    const { peer } = rawPair({
      handler: { message() {} },
      options: { ...options, maxMessageSize: 10_000 },
      deflate: {},
    });
    peer.send(Opcode.Text, deflated('a'.repeat(1_000_000)), { rsv: 4 });
    await peer.until(1);
    assert.match(peer.log[0] ?? '', /^close 1009 /);
  });
});

describe('compression per message', () => {
  test('by size, unless send says', async () => {
    const { connection, peer } = rawPair({ handler: {}, options, deflate: {} });
    connection.send(long);
    connection.send('short');
    connection.send(long, { compress: false });
    connection.send('short', { compress: true });
    await peer.until(4);
    assert.deepEqual(
      peer.frames.map(({ rsv }) => rsv),
      [4, 0, 0, 4],
    );
    assert.deepEqual(peer.frames.map(textOf), [long, 'short', long, 'short']);
  });

  test('where it was not negotiated, nothing is compressed', async () => {
    const { connection, peer } = rawPair({ handler: {}, options });
    connection.send(long, { compress: true });
    await peer.until(1);
    assert.deepEqual([peer.frames[0]?.rsv, peer.frames[0]?.payload.toString()], [0, long]);
  });

  test('the caller may change its bytes as soon as send returns', async () => {
    const { client, server } = connectedPair({ options: { compression: { threshold: 0 } } });
    const bytes = new Uint8Array(5_000).fill(1);
    client.send(bytes);
    client.send(bytes);
    bytes.fill(2);
    for (let count = 0; count < 2; count++) {
      const message = (await server.receive()) as Uint8Array;
      assert.ok(message.length === 5_000 && message.every((byte) => byte === 1));
    }
  });

  test('bytes that wait for compression count uncompressed', async () => {
    const { connection, peer } = rawPair({
      handler: {},
      options: { ...options, backpressure: { soft: 10_000 } },
      deflate: {},
    });
    assert.equal(connection.send('x'.repeat(9_999)), true);
    assert.equal(connection.bufferedAmount, 9_999);
    assert.equal(connection.send('é'), false);
    assert.equal(connection.bufferedAmount, 10_001);
    await connection.drained();
    await peer.until(2);
    assert.equal(connection.bufferedAmount, 0);
  });
});
