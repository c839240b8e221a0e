import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import test from 'node:test';

import { DuplexTransport } from '../../src/transport/duplex.ts';
import { GrowingRange } from '../../src/transport/growing-range.ts';
import { RecordingSink } from '../support/recording-sink.ts';
import { type SocketPair, tcpPair, tlsPair } from '../support/socket-pair.ts';

/** A duplex that shows what is written and finishes a write only when told to. */
class ManualDuplex extends Duplex {
  readonly writes: Buffer[] = [];
  readonly #pending: (() => void)[] = [];
  synchronous = true;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#take([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      callback,
    );
  }

  #take(chunks: Buffer[], callback: () => void): void {
    this.writes.push(Buffer.concat(chunks));
    if (this.synchronous) callback();
    else this.#pending.push(callback);
  }

  /** Finishes the write that is under way. */
  finishWrite(): void {
    this.#pending.shift()?.();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function started(duplex: Duplex): { transport: DuplexTransport; sink: RecordingSink } {
  const transport = new DuplexTransport(duplex);
  const sink = new RecordingSink();
  transport.start(sink);
  return { transport, sink };
}

/** Two started transports; both sockets are gone when the test ends. */
async function joined(t: test.TestContext, pair: () => Promise<SocketPair>) {
  const { server, client } = await pair();
  t.after(() => {
    server.destroy();
    client.destroy();
  });
  return { server, client, near: started(server), far: started(client) };
}

test('all that is written during one receive call leaves in one write when it returns', async () => {
  const duplex = new ManualDuplex();
  const { transport, sink } = started(duplex);
  sink.onChunk = () => {
    for (const text of ['a', 'b', 'c']) transport.write(bytes(text));
    assert.equal(duplex.writes.length, 0);
  };
  duplex.push('x');
  await sink.until(({ received }) => received === 1);
  assert.deepEqual(duplex.writes, [Buffer.from('abc')]);
});

test('large and small frames of one receive call leave in one write as well', async () => {
  const duplex = new ManualDuplex();
  const { transport, sink } = started(duplex);
  const frames = [10, 40_000, 10, 10].map((size, index) => Buffer.alloc(size, index + 1));
  sink.onChunk = () => {
    for (const frame of frames) transport.write(frame);
  };
  duplex.push('x');
  await sink.until(({ received }) => received === 1);
  assert.deepEqual(duplex.writes, [Buffer.concat(frames)]);
});

test('what is written outside leaves in one write per tick, before the next turn', async () => {
  const duplex = new ManualDuplex();
  const { transport, sink } = started(duplex);
  for (const text of ['a', 'b', 'c']) transport.write(bytes(text));
  assert.equal(duplex.writes.length, 0);
  assert.equal(transport.bufferedAmount, 3);
  await turn();
  assert.deepEqual(duplex.writes, [Buffer.from('abc')]);
  assert.equal(transport.bufferedAmount, 0);
  assert.deepEqual(sink.events, [], 'nothing had waited');
});

test('what is written before start leaves too', async () => {
  const duplex = new ManualDuplex();
  new DuplexTransport(duplex).write(bytes('early'));
  await turn();
  assert.deepEqual(duplex.writes, [Buffer.from('early')]);
});

test('what was written is flushed also when the sink throws', () => {
  const duplex = new ManualDuplex();
  const transport = new DuplexTransport(duplex);
  const sink = new RecordingSink();
  sink.onChunk = () => {
    transport.write(bytes('kept'));
    throw new Error('from the sink');
  };
  transport.start(sink);
  assert.throws(() => duplex.emit('data', bytes('x')), /from the sink/);
  assert.deepEqual(duplex.writes, [Buffer.from('kept')]);
});

test('a slow stream is handed slices, one at a time, and every slice that left is reported', async () => {
  const duplex = new ManualDuplex();
  duplex.synchronous = false;
  const { transport, sink } = started(duplex);
  const frame = Buffer.alloc(1_000_000, 7);
  transport.write(frame);
  await turn();
  await turn();
  assert.equal(duplex.writes.length, 1);
  assert.equal(transport.bufferedAmount, frame.length);
  assert.equal(transport.blocked, true);
  assert.equal(sink.blocks, 1);
  let before = transport.bufferedAmount;
  for (let drains = 1; transport.bufferedAmount > 0; drains++) {
    duplex.finishWrite();
    await sink.until((sink) => sink.drains === drains);
    assert.ok(transport.bufferedAmount < before, 'bufferedAmount did not fall');
    before = transport.bufferedAmount;
    if (drains > 1) assert.ok((duplex.writes.at(-1)?.length ?? 0) <= 65_536);
  }
  assert.equal(transport.blocked, false);
  assert.equal(sink.blocks, 1);
  assert.deepEqual(Buffer.concat(duplex.writes), frame);
});

test('a stream that writes later but steadily is not blocked', async () => {
  const duplex = new ManualDuplex();
  duplex.synchronous = false;
  const { transport, sink } = started(duplex);
  transport.write(bytes('a'));
  await new Promise<void>((resolve) => process.nextTick(resolve));
  assert.equal(transport.blocked, false);
  duplex.finishWrite();
  await sink.until(({ drains }) => drains === 1);
  transport.write(bytes('b'));
  await new Promise<void>((resolve) => process.nextTick(resolve));
  duplex.finishWrite();
  await turn();
  assert.equal(transport.blocked, false);
  assert.equal(sink.blocks, 0);
});

test('a stream is blocked only after a whole turn without progress', async () => {
  const duplex = new ManualDuplex();
  duplex.synchronous = false;
  const { transport, sink } = started(duplex);
  transport.write(bytes('a'));
  await new Promise<void>((resolve) => process.nextTick(resolve));
  transport.write(bytes('b'));
  duplex.finishWrite();
  assert.equal(duplex.writes.length, 2);
  await turn();
  assert.deepEqual([transport.blocked, sink.blocks], [false, 0]);
  await turn();
  assert.deepEqual([transport.blocked, sink.blocks], [true, 1]);
});

test('a frame written while another is on its way comes after all of it', async () => {
  const duplex = new ManualDuplex();
  duplex.synchronous = false;
  const { transport, sink } = started(duplex);
  const large = Buffer.alloc(700_000, 1);
  transport.write(large);
  await turn();
  transport.write(bytes('tail'));
  while (transport.bufferedAmount > 0) {
    const { drains } = sink;
    duplex.finishWrite();
    await sink.until((sink) => sink.drains > drains);
  }
  assert.deepEqual(Buffer.concat(duplex.writes), Buffer.concat([large, bytes('tail')]));
});

test('end() sends what waits and then FIN; later writes are ignored', async () => {
  const duplex = new ManualDuplex();
  const { transport } = started(duplex);
  transport.write(bytes('last'));
  transport.end();
  transport.end();
  transport.write(bytes('too late'));
  assert.equal(duplex.writableEnded, false);
  await once(duplex, 'finish');
  assert.deepEqual(duplex.writes, [Buffer.from('last')]);
});

test('end() during a receive call lets out what that call wrote', async () => {
  const duplex = new ManualDuplex();
  const { transport, sink } = started(duplex);
  sink.onChunk = () => {
    transport.write(bytes('bye'));
    transport.end();
  };
  duplex.push('x');
  await once(duplex, 'finish');
  assert.deepEqual(duplex.writes, [Buffer.from('bye')]);
});

test('destroy() drops what waits, remembers how much it was, and reports the end once', async () => {
  const duplex = new ManualDuplex();
  const { transport, sink } = started(duplex);
  transport.write(Buffer.alloc(100));
  transport.destroy();
  transport.destroy();
  transport.write(bytes('ignored'));
  await sink.until(({ closes }) => closes > 0);
  await turn();
  assert.deepEqual(sink.events, ['closed']);
  assert.equal(sink.closes, 1);
  assert.equal(duplex.writes.length, 0);
  assert.equal(transport.bufferedAmount, 100);
  assert.equal(transport.blocked, false);
});

test('nothing is read before start and nothing that came before is lost', async () => {
  const duplex = new ManualDuplex();
  duplex.push('early ');
  const transport = new DuplexTransport(duplex);
  await turn();
  assert.equal(duplex.readableLength, 6);
  const sink = new RecordingSink();
  transport.start(sink);
  duplex.push('late');
  duplex.push(null);
  await sink.until(({ ends }) => ends === 1);
  assert.equal(sink.text, 'early late');
});

test('a paused stream is started all the same', async () => {
  const duplex = new ManualDuplex();
  duplex.pause();
  duplex.push('x');
  const { sink } = started(duplex);
  await sink.until(({ received }) => received === 1);
});

test('pause() before start holds back what came until resume()', async () => {
  const duplex = new ManualDuplex();
  duplex.push('x');
  const transport = new DuplexTransport(duplex);
  const sink = new RecordingSink();
  transport.pause();
  transport.start(sink);
  await turn();
  await turn();
  assert.deepEqual(sink.events, []);
  transport.resume();
  await sink.until(({ received }) => received === 1);
});

test('resume() before start takes a pause back', async () => {
  const duplex = new ManualDuplex();
  duplex.push('x');
  const transport = new DuplexTransport(duplex);
  const sink = new RecordingSink();
  transport.pause();
  transport.resume();
  transport.start(sink);
  await sink.until(({ received }) => received === 1);
});

test('a stream that ended before start reports its end', async () => {
  const duplex = new ManualDuplex();
  duplex.push(null);
  duplex.resume();
  await once(duplex, 'end');
  const { transport, sink } = started(duplex);
  await sink.until(({ ends }) => ends === 1);
  transport.end();
  await sink.until(({ closes }) => closes === 1);
  assert.deepEqual(sink.events, ['end', 'closed']);
});

test('a stream that was destroyed before start reports only its end, with the error', async () => {
  const duplex = new ManualDuplex();
  const transport = new DuplexTransport(duplex);
  duplex.destroy(new Error('gone before'));
  const sink = new RecordingSink();
  transport.start(sink);
  assert.equal(sink.closes, 0);
  await sink.until(({ closes }) => closes === 1);
  await turn();
  assert.equal(sink.closes, 1);
  assert.equal(sink.error?.message, 'gone before');
});

test('a stream that was closed long before start reports only its end', async () => {
  const duplex = new ManualDuplex();
  const transport = new DuplexTransport(duplex);
  duplex.destroy();
  await once(duplex, 'close');
  const sink = new RecordingSink();
  transport.start(sink);
  await sink.until(({ closes }) => closes === 1);
  assert.deepEqual(sink.events, ['closed']);
});

test('an error is reported once by onClosed and never thrown, not even after the end', async () => {
  const duplex = new ManualDuplex();
  const { sink } = started(duplex);
  duplex.emit('error', new Error('the cable'));
  await sink.until(({ closes }) => closes === 1);
  duplex.emit('error', new Error('late'));
  duplex.emit('close');
  assert.equal(sink.closes, 1);
  assert.equal(sink.error?.message, 'the cable');
  assert.equal(duplex.destroyed, true);
});

test('an error before start is not thrown either, and told after it', async () => {
  const duplex = new ManualDuplex();
  const transport = new DuplexTransport(duplex);
  duplex.emit('error', new Error('early'));
  const sink = new RecordingSink();
  transport.start(sink);
  await sink.until(({ closes }) => closes === 1);
  assert.equal(sink.error?.message, 'early');
});

test('no listener but the shared one for late errors is left after the end', async () => {
  const duplex = new PassThrough();
  const names = ['data', 'end', 'close', 'drain', 'finish'] as const;
  const before = names.map((name) => duplex.listenerCount(name));
  const { transport, sink } = started(duplex);
  transport.write(bytes('x'));
  await sink.until(({ received }) => received === 1);
  transport.destroy();
  await sink.until(({ closes }) => closes === 1);
  assert.deepEqual(
    names.map((name) => duplex.listenerCount(name)),
    before,
  );
  assert.equal(duplex.listenerCount('error'), 1);
});

for (const autoDestroy of [true, false]) {
  test(`a stream without a close event reports its end once, autoDestroy ${autoDestroy}`, async () => {
    const silent = { emitClose: false, autoDestroy };
    const ended = new ManualDuplex(silent);
    const { transport, sink } = started(ended);
    ended.push('x');
    ended.push(null);
    await sink.until(({ ends }) => ends === 1);
    transport.end();
    await once(ended, 'finish');
    if (!autoDestroy) transport.destroy();
    await sink.until(({ closes }) => closes === 1);
    transport.destroy();
    await turn();
    assert.deepEqual(sink.events, ['receive', 'end', 'closed']);
    assert.equal(sink.closes, 1);
  });

  test(`a stream without a close event is destroyed by either side, autoDestroy ${autoDestroy}`, async () => {
    for (const error of [undefined, new Error('by its maker')]) {
      const duplex = new ManualDuplex({ emitClose: false, autoDestroy });
      const { transport, sink } = started(duplex);
      transport.write(Buffer.alloc(100));
      if (error === undefined) transport.destroy();
      else duplex.destroy(error);
      assert.equal(sink.closes, 0, 'not while it is destroyed');
      await sink.until(({ closes }) => closes === 1);
      assert.equal(sink.error, error);
      assert.equal(transport.bufferedAmount, 100);
    }
    const duplex = new ManualDuplex({ emitClose: false, autoDestroy });
    const { sink } = started(duplex);
    duplex.destroy();
    await sink.until(({ closes }) => closes === 1);
    assert.deepEqual(sink.events, ['closed']);
  });
}

test('a stream without a close event that was destroyed before start reports its end', async () => {
  const duplex = new ManualDuplex({ emitClose: false });
  const transport = new DuplexTransport(duplex);
  duplex.destroy();
  const sink = new RecordingSink();
  transport.start(sink);
  await sink.until(({ closes }) => closes === 1);
  await turn();
  assert.deepEqual(sink.events, ['closed']);
});

test('memory is not used again while a stream may still hold it', async () => {
  const duplex = new PassThrough();
  const transport = new DuplexTransport(duplex);
  for (const value of [1, 2]) {
    transport.write(Buffer.alloc(5_000, value));
    transport.write(Buffer.alloc(5_000, value));
    await turn();
  }
  const sink = new RecordingSink();
  transport.start(sink);
  await sink.until(({ received }) => received === 20_000);
  assert.deepEqual(sink.bytes, Buffer.concat([Buffer.alloc(10_000, 1), Buffer.alloc(10_000, 2)]));
});

test("what another stream hands on may be somebody else's", () => {
  assert.equal(new DuplexTransport(new PassThrough()).givesChunks, false);
});

for (const [name, pair] of [
  ['TCP', tcpPair],
  ['TLS', tlsPair],
] as const) {
  test(`${name}: what it reads is nobody else's`, async (t) => {
    const { near, far } = await joined(t, pair);
    assert.deepEqual([near.transport.givesChunks, far.transport.givesChunks], [true, true]);
  });

  test(`${name}: a range that grows while it waits leaves as it is in the end`, async (t) => {
    const { near, far } = await joined(t, pair);
    const memory = Buffer.from('abcdef');
    const range = new GrowingRange(memory.subarray(0, 2));
    near.transport.write(memory.subarray(0, 2));
    assert.equal(near.transport.follow(range), true);
    assert.equal(range.append(memory.subarray(2, 4)), true);
    assert.equal(near.transport.bufferedAmount, 4);
    near.transport.write(memory.subarray(4));
    await far.sink.until(({ received }) => received === 6);
    assert.equal(far.sink.bytes.toString(), 'abcdef');
  });

  test(`${name}: frames of any size arrive whole and in order`, async (t) => {
    const { near, far } = await joined(t, pair);
    const frames = Array.from({ length: 400 }, (_, index) =>
      Buffer.alloc((index * index * 7) % 70_000, index % 256),
    );
    for (const frame of frames) near.transport.write(frame);
    const expected = Buffer.concat(frames);
    await far.sink.until(({ received }) => received === expected.length);
    assert.ok(expected.equals(far.sink.bytes));
    await near.sink.until(() => near.transport.bufferedAmount === 0);
  });

  test(`${name}: a reader that stopped blocks the writer, who goes on when it reads again`, async (t) => {
    const { near, far } = await joined(t, pair);
    far.transport.pause();
    const size = 32 * 1024 * 1024;
    near.transport.write(Buffer.alloc(size, 5));
    while (!near.transport.blocked) await turn();
    const stuck = near.transport.bufferedAmount;
    assert.ok(stuck > 0 && stuck <= size);
    far.transport.resume();
    await far.sink.until(({ received }) => received === size);
    await near.sink.until(() => near.transport.bufferedAmount === 0);
    assert.equal(near.transport.blocked, false);
    assert.ok(near.sink.blocks > 0);
    assert.ok(near.sink.drains > 1, `only ${near.sink.drains} drains`);
  });

  test(`${name}: either side may end first, and the other may still write`, async (t) => {
    const { near, far } = await joined(t, pair);
    near.transport.write(bytes('question'));
    near.transport.end();
    await far.sink.until(({ ends }) => ends === 1);
    assert.equal(far.sink.text, 'question');
    far.transport.write(bytes('answer'));
    far.transport.end();
    await Promise.all([
      near.sink.until(({ closes }) => closes === 1),
      far.sink.until(({ closes }) => closes === 1),
    ]);
    assert.equal(near.sink.text, 'answer');
    const events = near.sink.events.filter((event) => event !== 'drain');
    assert.deepEqual(events, ['receive', 'end', 'closed']);
    assert.equal(far.sink.error, undefined);
  });

  test(`${name}: both may end at once`, async (t) => {
    const { near, far } = await joined(t, pair);
    near.transport.end();
    far.transport.end();
    await Promise.all([
      near.sink.until(({ closes }) => closes === 1),
      far.sink.until(({ closes }) => closes === 1),
    ]);
    assert.deepEqual([near.sink.ends, far.sink.ends], [1, 1]);
    assert.deepEqual([near.sink.error, far.sink.error], [undefined, undefined]);
  });
}

test('TCP: long frames make room for each other by leaving at once', async (t) => {
  const { near, far } = await joined(t, tcpPair);
  const { transport } = near;
  const frames = [40_000, 40_000, 500_000, 16_384, 400_000].map((size, i) => Buffer.alloc(size, i));
  for (const frame of frames) {
    const offset = transport.reserve(frame.length);
    assert.ok(offset >= 0);
    frame.copy(transport.space, offset);
    assert.equal(transport.bufferedAmount, frame.length, 'what was before has left');
  }
  const expected = Buffer.concat(frames);
  await far.sink.until(({ received }) => received === expected.length);
  assert.ok(expected.equals(far.sink.bytes));
});

test('TCP: a reader that stopped leaves no room, and gets what had room unchanged', async (t) => {
  const { near, far } = await joined(t, tcpPair);
  const { transport } = near;
  far.transport.pause();
  let length = 0;
  for (let offset = 0; ; length += 500_000) {
    offset = transport.reserve(500_000);
    if (offset < 0) break;
    transport.space.fill(length / 500_000, offset, offset + 500_000);
  }
  assert.equal(transport.blocked, false, 'nobody hears of it before the frame is whole');
  await turn();
  assert.ok(transport.blocked);
  const other = await joined(t, tcpPair);
  const offset = other.near.transport.reserve(500_000);
  other.near.transport.space.fill(0xff, offset, offset + 500_000);
  far.transport.resume();
  await far.sink.until(({ received }) => received === length);
  for (let start = 0; start < length; start += 500_000)
    assert.ok(far.sink.bytes.subarray(start, start + 500_000).every((b) => b === start / 500_000));
});

test('TCP: there is no room after the end, nor for a stream that is gone', async (t) => {
  const { near, server } = await joined(t, tcpPair);
  assert.equal(near.transport.reserve(40_000), 0);
  server.destroy();
  assert.equal(near.transport.reserve(40_000), -1);
  near.transport.end();
  assert.equal(near.transport.reserve(1), -1);
});

test('TLS: long frames have no room, since the stream keeps what it is given', async (t) => {
  const { near } = await joined(t, tlsPair);
  assert.deepEqual([near.transport.reserve(40_000), near.transport.reserve(200_000)], [-1, -1]);
});

test('TCP: behind what waits for the peer a range is not followed', async (t) => {
  const { server, far } = await joined(t, tcpPair);
  server.pause();
  far.transport.write(Buffer.alloc(32 * 1024 * 1024));
  while (!far.transport.blocked) await turn();
  const bytes = Buffer.from('ab');
  far.transport.write(bytes);
  assert.equal(far.transport.follow(new GrowingRange(bytes)), false);
});

test('TCP: a reset is reported as an error', async (t) => {
  const { server, far } = await joined(t, tcpPair);
  server.resetAndDestroy();
  await far.sink.until(({ closes }) => closes === 1);
  assert.equal((far.sink.error as NodeJS.ErrnoException).code, 'ECONNRESET');
});

test('TCP: what a reset cost stays in bufferedAmount and is not reported as progress', async (t) => {
  const { server, far } = await joined(t, tcpPair);
  server.pause();
  far.transport.write(Buffer.alloc(32 * 1024 * 1024));
  while (!far.transport.blocked) await turn();
  const { drains } = far.sink;
  const before = far.transport.bufferedAmount;
  server.resetAndDestroy();
  await far.sink.until(({ closes }) => closes === 1);
  assert.equal(far.sink.drains, drains);
  assert.equal(far.transport.bufferedAmount, before);
});

test('TCP: memory that a blocked socket still holds is not used by another one', async (t) => {
  const slow = await joined(t, tcpPair);
  const quick = await joined(t, tcpPair);
  slow.far.transport.pause();
  let frames = 0;
  for (; !slow.near.transport.blocked; await turn()) {
    for (let index = 0; index < 4; index++, frames++) {
      slow.near.transport.write(Buffer.alloc(5_000, 1));
    }
  }
  for (let index = 0; index < 4; index++) quick.near.transport.write(Buffer.alloc(5_000, 2));
  await quick.far.sink.until(({ received }) => received === 20_000);
  slow.far.transport.resume();
  await slow.far.sink.until(({ received }) => received === frames * 5_000);
  assert.ok(slow.far.sink.bytes.every((byte) => byte === 1));
});

test('TCP: a socket without allowHalfOpen still sends what was written when FIN came', async (t) => {
  const { near, far } = await joined(t, () => tcpPair({ allowHalfOpen: false }));
  const size = 16 * 1024 * 1024;
  near.transport.pause();
  far.transport.write(Buffer.alloc(size, 3));
  far.sink.receiveEnd = function (this: RecordingSink) {
    far.transport.write(bytes('the end'));
    this.ends++;
  };
  near.transport.end();
  while (far.sink.ends === 0) await turn();
  near.transport.resume();
  await near.sink.until(({ ends }) => ends === 1);
  assert.equal(near.sink.received, size + 7);
  await far.sink.until(({ closes }) => closes === 1);
  assert.equal(far.sink.error, undefined);
  far.transport.write(bytes('ignored'));
});

test('TCP: a write after the FIN of a peer that ended this socket as well is dropped', async (t) => {
  const { near, far } = await joined(t, () => tcpPair({ allowHalfOpen: false }));
  near.transport.end();
  await far.sink.until(({ ends }) => ends === 1);
  far.transport.write(bytes('nobody'));
  await far.sink.until(({ closes }) => closes === 1);
  assert.equal(far.sink.error, undefined);
  assert.equal(far.transport.bufferedAmount, 6);
});
