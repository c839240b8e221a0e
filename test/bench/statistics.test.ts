import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { median, ratios, rounded, spreadOf } from '../../bench/measure/statistics.ts';

describe('bench: statistics', () => {
  test('the median is the middle, or the mean of the two in the middle', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(median([]), NaN);
  });

  test('a spread has its ends', () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
  });

  test('ratios are of the same round, and only where both have one', () => {
    assert.deepEqual(ratios([6, 8, 9], [3, 2]), [2, 4]);
    assert.deepEqual(ratios([6, undefined, 9], [3, 2, 0]), [2]);
  });

  test('numbers have as many figures as they can tell', () => {
    assert.equal(rounded(1_234_567.8), '1,234,568');
    assert.equal(rounded(12.345), '12.3');
    assert.equal(rounded(0.000_123_45), '0.000123');
    assert.equal(rounded(NaN), '–');
  });
});
