import assert from 'node:assert/strict';
import test from 'node:test';

import { memoryPair, type MemoryPairOptions } from '../../src/transport/memory.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { RecordingSink } from '../support/recording-sink.ts';

interface End {
  readonly transport: Transport;
  readonly sink: RecordingSink;
}

/** Lets all microtasks run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function started(options?: MemoryPairOptions): { near: End; far: End } {
  const [near, far] = memoryPair(options).map((transport) => {
    const sink = new RecordingSink();
    transport.start(sink);
    return { transport, sink };
  });
  assert.ok(near !== undefined && far !== undefined);
  return { near, far };
}

test('what one end writes the other receives a microtask later, joined', async () => {
  const { near, far } = started();
  near.transport.write(bytes('a'));
  near.transport.write(bytes('b'));
  assert.equal(near.transport.bufferedAmount, 2);
  assert.equal(far.sink.received, 0);
  await turn();
  assert.equal(near.transport.bufferedAmount, 0);
  assert.deepEqual(far.sink.chunks, [Uint8Array.from(bytes('ab'))]);
  assert.equal(near.sink.received, 0);
});

test('the receiver gets bytes of its own', async () => {
  const { near, far } = started();
  const original = Uint8Array.of(1, 2, 3);
  far.sink.onChunk = (chunk) => chunk.fill(9);
  near.transport.write(original);
  await turn();
  assert.deepEqual([...original], [1, 2, 3]);
  assert.equal(far.sink.received, 3);
});

test('what was written before either end started is not lost', async () => {
  const [near, far] = memoryPair();
  near.write(bytes('early'));
  near.end();
  await turn();
  const sink = new RecordingSink();
  far.start(sink);
  assert.deepEqual(sink.events, []);
  await turn();
  assert.equal(sink.text, 'early');
  assert.deepEqual(sink.events, ['receive', 'end']);
});

test('pause() stops the receiver between two chunks, also before start', async () => {
  const [near, far] = memoryPair();
  const sink = new RecordingSink();
  far.pause();
  far.start(sink);
  near.write(new Uint8Array(200_000));
  await turn();
  assert.equal(sink.received, 0);
  sink.onChunk = () => far.pause();
  far.resume();
  await turn();
  assert.equal(sink.chunks.length, 1);
  far.resume();
  await turn();
  assert.equal(sink.chunks.length, 2);
});

test('a reader that stopped blocks the writer at the high-water mark', async () => {
  const { near, far } = started({ highWaterMark: 1_000 });
  far.transport.pause();
  near.transport.write(new Uint8Array(600));
  await turn();
  assert.equal(near.transport.blocked, false);
  near.transport.write(new Uint8Array(5_000).fill(1));
  await turn();
  assert.equal(near.transport.blocked, true);
  assert.equal(near.transport.bufferedAmount, 4_600);
  assert.deepEqual(near.sink.events, ['blocked']);
  far.transport.resume();
  await turn();
  assert.equal(near.transport.blocked, false);
  assert.equal(near.transport.bufferedAmount, 0);
  assert.equal(far.sink.received, 5_600);
  assert.ok(near.sink.drains >= 4, `only ${near.sink.drains} drains`);
  assert.equal(near.sink.blocks, 1);
});

test('the default high-water mark is 64 KiB', async () => {
  const { near, far } = started();
  far.transport.pause();
  near.transport.write(new Uint8Array(65_537));
  await turn();
  assert.equal(near.transport.bufferedAmount, 1);
});

test('end() sends what waits, then the end; later writes are ignored', async () => {
  const { near, far } = started({ highWaterMark: 10 });
  near.transport.write(new Uint8Array(100));
  near.transport.end();
  near.transport.end();
  near.transport.write(bytes('ignored'));
  await turn();
  assert.equal(far.sink.received, 100);
  assert.deepEqual(far.sink.events, ['receive', 'end']);
  assert.equal(near.sink.closes, 0);
});

test('an ended direction leaves the other one open; both ended closes both ends', async () => {
  const { near, far } = started();
  near.transport.end();
  await turn();
  far.transport.write(bytes('answer'));
  far.transport.end();
  await turn();
  assert.deepEqual(near.sink.events, ['receive', 'end', 'closed']);
  assert.deepEqual(far.sink.events, ['end', 'closed']);
});

test('both ends may end at once', async () => {
  const { near, far } = started();
  near.transport.end();
  far.transport.end();
  await turn();
  assert.deepEqual(near.sink.events, ['end', 'closed']);
  assert.deepEqual(far.sink.events, ['end', 'closed']);
});

test('a paused end hears of the other one only after it resumed', async () => {
  const { near, far } = started();
  far.transport.pause();
  near.transport.write(bytes('x'));
  near.transport.end();
  await turn();
  assert.deepEqual(far.sink.events, []);
  far.transport.resume();
  await turn();
  assert.deepEqual(far.sink.events, ['receive', 'end']);
});

test('destroy() ends this side at once and resets the other', async () => {
  const { near, far } = started();
  near.transport.destroy();
  near.transport.destroy();
  near.transport.write(bytes('ignored'));
  await turn();
  assert.deepEqual(near.sink.events, ['closed']);
  assert.deepEqual(far.sink.events, ['broken']);
  assert.equal((far.sink.error as NodeJS.ErrnoException).code, 'ECONNRESET');
  far.transport.write(bytes('ignored'));
  far.transport.destroy();
  await turn();
  assert.equal(far.sink.closes, 1);
});

test('a reset comes after what had arrived, and drops what waited', async () => {
  const { near, far } = started({ highWaterMark: 10 });
  far.transport.pause();
  near.transport.write(new Uint8Array(100));
  await turn();
  near.transport.destroy();
  far.transport.resume();
  await turn();
  assert.equal(far.sink.received, 10);
  assert.deepEqual(far.sink.events, ['receive', 'broken']);
  assert.equal(near.transport.bufferedAmount, 90);
  assert.equal(near.transport.blocked, false);
});

test('a paused end hears of a reset after what had arrived, when it reads again', async () => {
  const { near, far } = started();
  far.transport.pause();
  near.transport.write(bytes('x'));
  await turn();
  near.transport.destroy();
  await turn();
  assert.deepEqual(far.sink.events, []);
  far.transport.resume();
  await turn();
  assert.deepEqual(far.sink.events, ['receive', 'broken']);
});

for (const act of ['write', 'destroy'] as const) {
  test(`a paused end that was reset ends at once by ${act}()`, async () => {
    const { near, far } = started();
    far.transport.pause();
    near.transport.write(bytes('x'));
    await turn();
    near.transport.destroy();
    await turn();
    far.transport[act](bytes('y'));
    await turn();
    assert.deepEqual(far.sink.events, ['broken']);
    far.transport.resume();
    far.transport[act](bytes('y'));
    await turn();
    assert.equal(far.sink.closes, 1);
  });
}

test('a paused end for which nothing had arrived hears of a reset at once', async () => {
  const { near, far } = started();
  far.transport.pause();
  near.transport.destroy();
  await turn();
  assert.deepEqual(far.sink.events, ['broken']);
});

test('destroy() after the end arrived is no reset until the other end writes', async () => {
  const { near, far } = started();
  near.transport.end();
  await turn();
  near.transport.destroy();
  await turn();
  assert.deepEqual(far.sink.events, ['end']);
  far.transport.write(bytes('nobody reads this'));
  await turn();
  assert.deepEqual(far.sink.events, ['end', 'broken']);
});

test('destroy() after the end resets a peer whose bytes were not read', async () => {
  const { near, far } = started();
  near.transport.pause();
  far.transport.write(bytes('never read'));
  near.transport.end();
  await turn();
  near.transport.destroy();
  await turn();
  assert.deepEqual(far.sink.events, ['end', 'broken']);
});

test('destroy() after the end lets the other end close in order', async () => {
  const { near, far } = started();
  near.transport.end();
  await turn();
  near.transport.destroy();
  far.transport.end();
  await turn();
  assert.deepEqual(far.sink.events, ['end', 'closed']);
});

test('an end destroyed before start reports it when started', async () => {
  const [near, far] = memoryPair();
  near.destroy();
  await turn();
  for (const [transport, event] of [
    [near, 'closed'],
    [far, 'broken'],
  ] as const) {
    const sink = new RecordingSink();
    transport.start(sink);
    await turn();
    assert.deepEqual(sink.events, [event]);
  }
});
