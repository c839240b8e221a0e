import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InflationRatio } from '../../../src/protocol/extension/inflation-ratio.ts';

test('CP-03: beyond 64 KiB of output the ratio to what was read counts', () => {
  const ratio = new InflationRatio(100);
  assert.equal(ratio.exceeded(65_536, 1), false);
  assert.equal(ratio.exceeded(1, 655), true);
  assert.equal(ratio.exceeded(0, 656), false);
  assert.equal(ratio.exceeded(63, 656), false);
  assert.equal(ratio.exceeded(1, 656), true);
});

test('CP-03: what earlier jobs of the message read counts as well, that of other messages not', () => {
  const ratio = new InflationRatio(2);
  assert.equal(ratio.exceeded(60_000, 30_000), false);
  ratio.jobEnded(40_000);
  assert.equal(ratio.exceeded(40_000, 10_000), false);
  assert.equal(ratio.exceeded(1, 10_000), true);
  ratio.reset();
  assert.equal(ratio.exceeded(65_536, 0), false);
  assert.equal(ratio.exceeded(1, 32_000), true);
});

test('CP-03: Infinity allows any ratio', () => {
  const ratio = new InflationRatio(Infinity);
  assert.equal(ratio.exceeded(2 ** 40, 0), false);
});
