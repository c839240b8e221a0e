import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOver } from 'node:timers/promises';

import { LoopTime } from '../../../src/platform/zlib/loop-time.ts';

function create(limitMs: number) {
  let now = 1000;
  const time = new LoopTime(limitMs, () => now);
  const work = (ms: number) => {
    const begun = time.begin();
    now += ms;
    time.end(begun);
  };
  return { time, work };
}

test('work is counted until the limit is reached, and each turn of the event loop begins anew', async () => {
  const { time, work } = create(5);
  for (let turn = 0; turn < 3; turn++) {
    assert.equal(time.left, true);
    work(2);
    work(2.5);
    assert.equal(time.left, true);
    work(0.5);
    assert.equal(time.left, false);
    await Promise.resolve();
    assert.equal(time.left, false, 'the turn is not over');
    await turnOver();
  }
});

test('what passes between two pieces of work does not count', () => {
  let now = 0;
  const time = new LoopTime(5, () => now);
  for (let i = 0; i < 4; i++) {
    time.end(time.begin());
    now += 100;
  }
  assert.equal(time.left, true);
});

test('without a clock of its own it counts real time', () => {
  const time = new LoopTime(1);
  const begun = time.begin();
  const end = performance.now() + 2;
  while (performance.now() < end);
  time.end(begun);
  assert.equal(time.left, false);
});

test('who waits is told in turns that have time, in the order of coming', async () => {
  const { time, work } = create(5);
  const told: number[] = [];
  const waiters = [0, 1, 2, 3, 4, 5].map((index) => ({
    onTime: () => {
      told.push(index);
      work(3);
    },
  }));
  for (const waiter of waiters) time.wait(waiter);
  if (waiters[1]) time.cancel(waiters[1]);
  assert.deepEqual(told, []);
  await turnOver();
  assert.deepEqual(told, [0, 2]);
  assert.equal(time.left, false);
  await turnOver();
  assert.deepEqual(told, [0, 2, 3, 4]);
  await turnOver();
  assert.deepEqual(told, [0, 2, 3, 4, 5]);
});

test('with no time at all, one that waits is told in each turn', async () => {
  const { time } = create(0);
  let told = 0;
  time.wait({ onTime: () => told++ });
  time.wait({ onTime: () => told++ });
  await turnOver();
  assert.equal(told, 1);
  await turnOver();
  assert.equal(told, 2);
});

test('one that throws holds up no other', async (t) => {
  const { time } = create(5);
  const thrown = new Promise((resolve) => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', resolve);
    t.after(() => {
      for (const listener of listeners) process.on('uncaughtException', listener);
    });
  });
  const error = new Error('on purpose');
  time.wait({
    onTime: () => {
      throw error;
    },
  });
  const told = new Promise<void>((resolve) => time.wait({ onTime: resolve }));
  assert.equal(await thrown, error);
  await told;
});
