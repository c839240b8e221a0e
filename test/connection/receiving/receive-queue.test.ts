import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Message, Piece } from '../../../src/connection/handler.ts';
import { type Received, ReceiveQueue } from '../../../src/connection/receiving/receive-queue.ts';

const item = (data: Message, piece?: Piece): Received => ({ data, bits: undefined, piece });
const piece = (last: boolean): Piece => ({ type: 'binary', first: false, last, remaining: 0 });

/** A queue and what it asked for. */
function makeQueue(limit: number) {
  const flow: string[] = [];
  const taken = { count: 0 };
  const queue = new ReceiveQueue(limit, {
    hold: () => flow.push('hold'),
    release: () => flow.push('release'),
    onTaken: () => void taken.count++,
  });
  return { queue, flow, taken };
}

describe('ReceiveQueue', () => {
  test('gives back in order what was put in, and shows the next without taking it', () => {
    const { queue } = makeQueue(1_000);
    const items = ['a', 'b', 'c'].map((text) => item(text));
    assert.deepEqual([queue.empty, queue.head, queue.shift()], [true, undefined, undefined]);
    for (const each of items) queue.push(each);
    assert.equal(queue.head, items[0]);
    assert.deepEqual([queue.shift(), queue.shift()], items.slice(0, 2));
    assert.equal(queue.empty, false);
    assert.equal(queue.shift(), items[2]);
    assert.equal(queue.empty, true);
  });

  test('holds the peer back at its limit and lets go below it, once each', () => {
    const { queue, flow } = makeQueue(400);
    queue.push(item(new Uint8Array(99)));
    assert.deepEqual([flow, queue.full], [[], false]);
    queue.push(item(''));
    queue.push(item('x'));
    assert.deepEqual([flow, queue.full], [['hold'], true]);
    queue.shift();
    assert.deepEqual([flow, queue.full], [['hold', 'release'], false]);
    queue.shift();
    queue.shift();
    assert.deepEqual(flow, ['hold', 'release']);
  });

  test('empty messages do not come for free, of bytes least of all', () => {
    for (const [limit, data] of [
      [800, ''],
      [3_000, new Uint8Array(0)],
    ] as const) {
      const { queue } = makeQueue(limit);
      for (let count = 0; count < 9; count++) queue.push(item(data));
      assert.equal(queue.full, false);
      queue.push(item(data));
      assert.deepEqual([queue.full, queue.size], [true, limit]);
      queue.shift();
      assert.equal(queue.size, limit * 0.9);
    }
  });

  test('takes one message, however large, and lets go when it is empty, whatever the limit', () => {
    for (const limit of [0, 10]) {
      const { queue, flow } = makeQueue(limit);
      queue.push(item('x'.repeat(1_000)));
      assert.deepEqual(flow, ['hold']);
      assert.equal(queue.shift()?.data.length, 1_000);
      assert.deepEqual(flow, ['hold', 'release']);
    }
  });

  test('what comes in while it lets go stands behind what was taken', () => {
    const flow: string[] = [];
    const queue: ReceiveQueue = new ReceiveQueue(0, {
      hold: () => flow.push('hold'),
      release: () => queue.push(item('second')),
      onTaken() {},
    });
    queue.push(item('first'));
    assert.equal(queue.shift()?.data, 'first');
    assert.equal(queue.head?.data, 'second');
    assert.deepEqual(flow, ['hold', 'hold']);
  });

  test('keeps order over many thousands, filled and emptied in turns', () => {
    const { queue } = makeQueue(Number.MAX_SAFE_INTEGER);
    let pushed = 0;
    let taken = 0;
    for (let round = 0; round < 50; round++) {
      for (let count = 0; count < 300; count++) queue.push(item(String(pushed++)));
      for (let count = 0; count < 200; count++) assert.equal(queue.shift()?.data, String(taken++));
    }
    while (!queue.empty) assert.equal(queue.shift()?.data, String(taken++));
    assert.equal(taken, pushed);
  });

  test('clear() counts whole messages and bytes of text as UTF-8, and lets go', () => {
    const { queue, flow } = makeQueue(40);
    queue.push(item('taken before'));
    queue.push(item('é'));
    queue.shift();
    queue.push(item(new Uint8Array(10), piece(false)));
    queue.push(item(new Uint8Array(5), piece(true)));
    flow.length = 0;
    assert.deepEqual(queue.clear(), { messages: 2, bytes: 17 });
    assert.deepEqual([flow, queue.empty, queue.full], [['release'], true, false]);
    assert.deepEqual(queue.clear(), { messages: 0, bytes: 0 });
    assert.deepEqual(flow, ['release']);
  });

  test('tells of what was taken, with its size off already, and of what was dropped', () => {
    const { queue, taken } = makeQueue(1_000);
    for (const text of ['a', 'b', 'c']) queue.push(item(text));
    queue.shift();
    assert.equal(taken.count, 1);
    queue.clear();
    assert.deepEqual([taken.count, queue.size], [2, 0]);
    assert.equal(queue.shift(), undefined);
    assert.equal(taken.count, 2);
  });
});
