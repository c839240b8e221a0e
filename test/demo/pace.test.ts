import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Pace } from '../../demo/pace.ts';

test('demo: a burst is free, then steps come at the given rate', () => {
  const pace = new Pace(3, 10);
  const waits = Array.from({ length: 6 }, () => pace.step(1_000));
  assert.deepEqual(waits, [0, 0, 0, 100, 200, 300]);
});

test('demo: a pause gives the burst back, but never more than one', () => {
  const pace = new Pace(2, 10);
  for (let step = 0; step < 5; step += 1) pace.step(0);
  const waits = [1, 2, 3].map(() => pace.step(60_000));
  assert.deepEqual(waits, [0, 0, 100]);
});
