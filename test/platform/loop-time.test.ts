import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turnOver } from 'node:timers/promises';

import { LoopTime } from '../../src/platform/loop-time.ts';

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
