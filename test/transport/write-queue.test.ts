import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import test, { describe } from 'node:test';

import { GrowingRange } from '../../src/transport/growing-range.ts';
import { Slab } from '../../src/transport/slab.ts';
import { WriteQueue } from '../../src/transport/write-queue.ts';

/** Appends a text in place; whether there was room. */
function append(queue: WriteQueue, text: string): boolean {
  const offset = queue.reserve(text.length);
  if (offset >= 0) Buffer.from(text).copy(queue.space, offset);
  return offset >= 0;
}

const take = (queue: WriteQueue): string => Buffer.from(queue.take(100_000)).toString();

test('what is put together in place leaves as one piece of the slab', () => {
  const slab = new Slab();
  const queue = new WriteQueue(false, slab);
  for (const text of ['a', 'bc', 'd']) assert.ok(append(queue, text));
  assert.equal(queue.length, 4);
  const piece = queue.take(100);
  assert.deepEqual([Buffer.from(piece).toString(), queue.length], ['abcd', 0]);
  assert.equal(piece.buffer, slab.bytes.buffer);
});

test('order is kept between what lies in the slab and what does not', () => {
  const queue = new WriteQueue(false, new Slab());
  append(queue, 'a');
  queue.push(Buffer.from('b'));
  append(queue, 'c');
  append(queue, 'd');
  queue.push(Buffer.from('e'));
  assert.equal(take(queue), 'abcde');
});

test('two queues that fill one slab in turn keep their bytes apart', () => {
  const slab = new Slab();
  const [one, other] = [new WriteQueue(false, slab), new WriteQueue(false, slab)];
  for (let round = 0; round < 3; round++) {
    append(one, `1${round}`);
    append(other, `2${round}`);
  }
  assert.deepEqual([take(one), take(other)], ['101112', '202122']);
});

test('the slab is used again once all queues that lie in it are settled', () => {
  const slab = new Slab();
  const { bytes } = slab;
  const [one, other] = [new WriteQueue(false, slab), new WriteQueue(false, slab)];
  append(one, 'a');
  append(other, 'b');
  take(one);
  one.settle(true);
  assert.equal(slab.reserve(0), 2);
  take(other);
  other.settle(true);
  assert.deepEqual([slab.reserve(0), slab.bytes], [0, bytes]);
});

test('bytes that have not left keep their memory, and new ones get other memory', () => {
  const slab = new Slab();
  const [one, other] = [new WriteQueue(false, slab), new WriteQueue(false, slab)];
  append(one, 'kept');
  append(other, 'a');
  const piece = one.take(100);
  one.settle(false);
  assert.equal(append(other, 'b'), false, 'its other bytes lie in the old memory');
  append(one, 'next');
  take(one);
  one.settle(true);
  assert.equal(Buffer.from(piece).toString(), 'kept');
  assert.equal(take(other), 'a');
});

test('a queue that is not empty keeps its memory when it is settled, or cleared', () => {
  for (const end of ['settle', 'clear'] as const) {
    const slab = new Slab();
    const { bytes } = slab;
    const queue = new WriteQueue(false, slab);
    append(queue, 'a');
    queue[end](true);
    assert.notEqual(slab.bytes, bytes);
    assert.equal(take(queue), end === 'settle' ? 'a' : '');
  }
});

test('without room in the slab there is fresh memory to join in', () => {
  const slab = new Slab();
  const queue = new WriteQueue(false, slab);
  slab.reserve(65_536);
  assert.equal(queue.reserve(1), -1);
  for (const text of ['a', 'b']) queue.push(Buffer.from(text));
  const piece = queue.take(100);
  assert.equal(Buffer.from(piece).toString(), 'ab');
  assert.notEqual(piece.buffer, slab.bytes.buffer);
});

test('frames of others that lie side by side leave as one view, the same for all who write it', () => {
  const bytes = Buffer.from('abcdef');
  const memory = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const taken = [1, 2].map(() => {
    const queue = new WriteQueue(false, new Slab());
    for (const start of [0, 2, 4]) queue.push(memory.subarray(start, start + 2));
    assert.equal(queue.length, 6);
    return queue.take(100);
  });
  assert.deepEqual([taken[0]?.toString(), taken[0]?.buffer], ['abcdef', bytes.buffer]);
  assert.equal(taken[1], taken[0]);
});

test('what is more than the limit leaves in several pieces', () => {
  const queue = new WriteQueue(false, new Slab());
  append(queue, 'abcd');
  queue.push(Buffer.from('ef'));
  const pieces: string[] = [];
  while (queue.length > 0) pieces.push(Buffer.from(queue.take(3)).toString());
  assert.equal(pieces.join(''), 'abcdef');
  assert.ok(pieces.every(({ length }) => length <= 3));
  assert.equal(queue.take(3).length, 0);
});

test('large memory is not kept alive by what was taken', () => {
  const queue = new WriteQueue(false, new Slab());
  const large = Buffer.alloc(100_000, 1);
  queue.push(large);
  const first = queue.take(1_000_000);
  queue.push(large);
  const second = queue.take(1_000_000);
  assert.deepEqual(
    [first.buffer, second.buffer, first === second],
    [large.buffer, large.buffer, false],
  );
});

test('chunks that only seem to lie side by side are joined', () => {
  const [one, two] = [new Uint8Array(40).fill(1), new Uint8Array(40).fill(2)];
  const rows = [
    [one.subarray(0, 20), two.subarray(20)],
    [one.subarray(0, 20), one.subarray(21)],
    [two.subarray(20), two.subarray(0, 20)],
    [one.subarray(0, 20), one.subarray(20, 30), two.subarray(30)],
  ];
  for (const chunks of rows) {
    const queue = new WriteQueue(false, new Slab());
    for (const chunk of chunks) queue.push(chunk);
    const expected = Buffer.concat(chunks);
    assert.deepEqual(Buffer.from(queue.take(65_536)), expected);
    assert.equal(queue.length, 0);
  }
});

test('what is kept beyond the write leaves as a copy, whatever lies beside it', () => {
  const slab = new Slab();
  const { bytes } = slab;
  const queue = new WriteQueue(true, slab);
  append(queue, 'a');
  append(queue, 'b');
  const kept = queue.take(100);
  append(queue, 'c');
  queue.push(Buffer.from('d'));
  const joined = queue.take(100);
  queue.settle(true);
  bytes.fill('x');
  assert.deepEqual([String(kept), String(joined)], ['ab', 'cd']);
  assert.deepEqual([slab.reserve(0), slab.bytes], [0, bytes]);
});

test('a long frame that would be copied again gets no room', () => {
  const [kept, other] = [true, false].map((keeps) => new WriteQueue(keeps, new Slab()));
  assert.deepEqual([kept?.reserve(4096), kept?.reserve(4097)], [0, -1]);
  assert.equal(other?.reserve(65_536), 0);
});

test('what is kept and was not handed over at once is left its memory', () => {
  const slab = new Slab();
  const queue = new WriteQueue(true, slab);
  append(queue, 'abcd');
  assert.equal(String(queue.take(2)), 'ab');
  queue.settle(true);
  assert.ok(append(new WriteQueue(false, slab), 'xxxx'));
  assert.equal(take(queue), 'cd');
});

test('a frame longer than the slab has memory that the next one is put together in as well', () => {
  const queue = new WriteQueue(false, new Slab());
  const pieces = ['a', 'b'].map((letter) => {
    assert.ok(append(queue, letter.repeat(100_000)));
    assert.equal(queue.reserve(1), -1, 'its bytes lie elsewhere');
    const piece = queue.take(100_000);
    assert.equal(Buffer.from(piece).toString(), letter.repeat(100_000));
    queue.settle(true);
    return piece.buffer;
  });
  assert.equal(pieces[0], pieces[1]);
  assert.ok(append(queue, 'short'));
});

test('memory of a long frame that has not left is not used again', () => {
  const queue = new WriteQueue(false, new Slab());
  append(queue, 'a'.repeat(100_000));
  const piece = queue.take(100_000);
  queue.settle(false);
  append(queue, 'b'.repeat(100_000));
  assert.equal(Buffer.from(piece).toString(), 'a'.repeat(100_000));
  assert.equal(take(queue), 'b'.repeat(100_000));
  queue.settle(true);
});

test('only one long frame at a time has room, and none that is too long', () => {
  const slab = new Slab();
  const [one, other] = [new WriteQueue(false, slab), new WriteQueue(false, slab)];
  assert.equal(one.reserve(524_289), -1);
  assert.equal(one.reserve(524_288), 0);
  assert.equal(other.reserve(524_288), -1);
  one.clear();
  assert.equal(other.reserve(524_288), 0);
  other.clear();
});

test('all that is taken for one write goes through one cork, no more than the limit', () => {
  const queue = new WriteQueue(true);
  const writes: string[] = [];
  const stream = new Writable({
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join('|'));
      done();
    },
  });
  for (const length of [8000, 9000, 10]) queue.push(Buffer.alloc(length, 'x'));
  queue.writeTo(stream, 16_384, undefined);
  assert.deepEqual(
    writes.map((write) => write.split('|').map((chunk) => chunk.length)),
    [[8000, 8384]],
  );
  queue.writeTo(stream, 100_000, undefined);
  assert.equal(queue.length, 0);
  assert.equal(writes.join('').replaceAll('|', '').length, 17_010);
});

describe('a queue that follows a range', () => {
  const memory = Buffer.from('abcdefghij'.repeat(10));
  const following = (queue = new WriteQueue()) => {
    queue.push(memory.subarray(0, 5));
    const range = new GrowingRange(memory.subarray(0, 5));
    assert.equal(queue.follow(range), true);
    assert.equal(range.append(memory.subarray(5, 10)), true);
    assert.equal(queue.length, 10);
    return { queue, range };
  };

  test('takes all that was appended as one', () => {
    const { queue, range } = following();
    const bytes = queue.take(100);
    assert.deepEqual([bytes.buffer, bytes.toString()], [memory.buffer, 'abcdefghij']);
    assert.deepEqual([range.open, queue.length], [false, 0]);
  });

  test('ends it when anything else is queued, behind what was appended', () => {
    for (const next of [
      (queue: WriteQueue) => queue.push(Buffer.from('!')),
      (queue: WriteQueue) => append(queue, '!'),
    ]) {
      const { queue, range } = following(new WriteQueue(false, new Slab()));
      next(queue);
      assert.deepEqual([range.open, range.append(memory.subarray(10, 20))], [false, false]);
      assert.deepEqual([queue.length, take(queue)], [11, 'abcdefghij!']);
    }
  });

  test('ends it when a part of it is taken, or all is given up', () => {
    const part = following();
    assert.equal(part.queue.take(7).toString(), 'abcdefg');
    assert.deepEqual([part.range.open, take(part.queue)], [false, 'hij']);
    const dropped = following();
    dropped.queue.clear();
    assert.deepEqual([dropped.range.open, dropped.queue.length], [false, 0]);
  });

  test('follows none that ends elsewhere', () => {
    const queue = new WriteQueue();
    queue.push(memory.subarray(0, 5));
    assert.equal(queue.follow(new GrowingRange(memory.subarray(0, 6))), false);
    assert.equal(queue.follow(new GrowingRange(Buffer.from('abcde'))), false);
    assert.equal(queue.length, 5);
  });
});
