import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Fifo } from '../../../src/protocol/frame/fifo.ts';

test('items come out in the order they went in, also while others go in', () => {
  const fifo = new Fifo<number>();
  assert.deepEqual([fifo.length, fifo.head, fifo.shift()], [0, undefined, undefined]);
  const taken: (number | undefined)[] = [];
  for (let item = 0; item < 10_000; item++) {
    fifo.push(item);
    if (item % 3 > 0) taken.push(fifo.shift());
  }
  assert.deepEqual([fifo.length, fifo.head], [10_000 - taken.length, taken.length]);
  while (fifo.length > 0) taken.push(fifo.shift());
  assert.deepEqual(taken, [...Array(10_000).keys()]);
});

test('after clear() nothing waits', () => {
  const fifo = new Fifo<string>();
  fifo.push('a');
  fifo.clear();
  assert.deepEqual([fifo.length, fifo.shift()], [0, undefined]);
  fifo.push('b');
  assert.equal(fifo.shift(), 'b');
});

const heapAfterCollection = () => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
};

test('an empty queue keeps no room for what it held', () => {
  const before = heapAfterCollection();
  const queues = Array.from({ length: 2_000 }, () => new Fifo<number>());
  for (const fifo of queues) {
    for (let item = 0; item < 1_000; item++) fifo.push(item);
    while (fifo.length > 0) fifo.shift();
  }
  const grown = heapAfterCollection() - before;
  assert.ok(grown < 4_000_000, `${grown} bytes for ${queues.length} empty queues`);
});

test('a queue that is never empty needs memory for what waits alone', () => {
  const before = heapAfterCollection();
  const fifo = new Fifo<number>();
  fifo.push(0);
  for (let item = 1; item <= 2_000_000; item++) {
    fifo.push(item);
    fifo.shift();
  }
  const grown = heapAfterCollection() - before;
  assert.ok(grown < 4_000_000, `${grown} bytes for ${fifo.length} item`);
});

test('what was taken is let go, although others still wait', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const fifo = new Fifo<object>();
  fifo.push({});
  fifo.push({});
  const first = new WeakRef(fifo.shift() ?? fifo);
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  assert.deepEqual([first.deref(), fifo.length], [undefined, 1]);
});
