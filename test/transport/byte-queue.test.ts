import assert from 'node:assert/strict';
import test from 'node:test';

import { ByteQueue } from '../../src/transport/byte-queue.ts';

const joiner = { allocate: (size: number): Uint8Array => new Uint8Array(size) };

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

test('a queue joins small chunks into one piece, in order', () => {
  const queue = new ByteQueue();
  for (const value of [1, 2, 3]) queue.push(filled(2, value));
  assert.equal(queue.length, 6);
  assert.deepEqual([...queue.take(100, joiner)], [1, 1, 2, 2, 3, 3]);
  assert.equal(queue.length, 0);
});

test('a queue gives a single chunk as it is, without asking for memory', () => {
  const queue = new ByteQueue();
  const chunk = filled(10, 1);
  queue.push(chunk);
  assert.equal(queue.take(100, { allocate: () => assert.fail('memory was asked for') }), chunk);
});

test('a queue cuts a large chunk into views of the size asked for', () => {
  const queue = new ByteQueue();
  const chunk = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
  queue.push(chunk);
  const pieces: Uint8Array[] = [];
  while (queue.length > 0) pieces.push(queue.take(30_000, joiner));
  assert.deepEqual(
    pieces.map((piece) => piece.length),
    [30_000, 30_000, 30_000, 10_000],
  );
  assert.ok(pieces.every((piece) => piece.buffer === chunk.buffer));
  assert.deepEqual(Buffer.concat(pieces), Buffer.from(chunk));
});

test('a queue keeps large chunks out of a joined piece', () => {
  const queue = new ByteQueue();
  const sizes = [10, 10, 20_000, 10];
  for (const [index, size] of sizes.entries()) queue.push(filled(size, index));
  const taken = sizes.map(() => queue.take(65_536, joiner).length);
  assert.deepEqual(taken, [20, 20_000, 10, 0]);
});

test('a queue ignores empty chunks and gives an empty piece when nothing waits', () => {
  const queue = new ByteQueue();
  queue.push(new Uint8Array());
  assert.equal(queue.length, 0);
  assert.equal(queue.take(100, joiner).length, 0);
});

test('a queue never gives more than the limit and loses nothing, whatever was pushed', () => {
  const queue = new ByteQueue();
  const pushed: Uint8Array[] = [];
  const taken: Uint8Array[] = [];
  for (let index = 0; index < 5_000; index++) {
    const chunk = filled((index * 7_919) % 400, index % 256);
    pushed.push(chunk);
    queue.push(chunk);
    if (index % 1_500 !== 0) continue;
    for (let left = 600; left > 0; left--) {
      const piece = queue.take(333, joiner);
      assert.ok(piece.length <= 333);
      taken.push(piece);
    }
  }
  while (queue.length > 0) taken.push(queue.take(100_000, joiner));
  assert.deepEqual(Buffer.concat(taken), Buffer.concat(pushed));
});

test('a cleared queue is empty and takes new chunks', () => {
  const queue = new ByteQueue();
  queue.push(filled(50_000, 1));
  queue.take(10, joiner);
  queue.clear();
  assert.equal(queue.length, 0);
  queue.push(filled(3, 2));
  assert.deepEqual([...queue.take(10, joiner)], [2, 2, 2]);
});
