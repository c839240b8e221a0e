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
