import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Random } from '../../soak/random.ts';
import { median, studentQuantile, trendOf } from '../../soak/statistics.ts';

describe('soak: median', () => {
  test('the middle of an odd number of values, whatever their order', () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([7]), 7);
    assert.equal(median([10, 9, 100]), 10);
  });

  test('the mean of the two middle ones of an even number', () => {
    assert.equal(median([4, 1, 3, 2]), 2.5);
  });

  test('nothing has no median', () => {
    assert.equal(median([]), NaN);
  });

  test('the values stay in their order', () => {
    const values = [3, 1, 2];
    median(values);
    assert.deepEqual(values, [3, 1, 2]);
  });
});

describe('soak: the quantile of Student', () => {
  const table: readonly (readonly [number, number])[] = [
    [1, 31.821],
    [2, 6.965],
    [10, 2.764],
    [12, 2.681],
    [15, 2.602],
    [20, 2.528],
    [30, 2.457],
    [120, 2.358],
    [1e6, 2.326],
  ];
  for (const [degrees, expected] of table) {
    test(`${degrees} degrees of freedom: ${expected}`, () => {
      assert.ok(Math.abs(studentQuantile(degrees) - expected) < 0.01);
    });
  }
});

describe('soak: trend', () => {
  test('points on a line have its slope, for sure', () => {
    const points = [0, 10, 20, 30].map((x) => ({ x, y: 5 + 2 * x }));
    assert.deepEqual(trendOf(points), { slope: 2, lowerBound: 2 });
  });

  test('a worked example', () => {
    const points = [2.1, 3.9, 6.2, 7.8, 10.1].map((y, index) => ({ x: index + 1, y }));
    const { slope, lowerBound } = trendOf(points);
    // Residuals 0.06, -0.13, 0.18, -0.21, 0.1: squares 0.107, over 3 degrees and a spread of 10.
    assert.ok(Math.abs(slope - 1.99) < 1e-9);
    assert.ok(Math.abs(lowerBound - (1.99 - 4.541 * Math.sqrt(0.107 / 3 / 10))) < 1e-9);
  });

  test('two points say nothing for sure, one or none nothing at all', () => {
    assert.deepEqual(
      trendOf([
        { x: 0, y: 1 },
        { x: 2, y: 5 },
      ]),
      { slope: 2, lowerBound: -Infinity },
    );
    assert.deepEqual(trendOf([{ x: 0, y: 1 }]), { slope: 0, lowerBound: -Infinity });
    assert.deepEqual(trendOf([]), { slope: 0, lowerBound: -Infinity });
  });

  test('of flat noise about one in a hundred seems to rise', () => {
    const random = new Random(1);
    let rising = 0;
    for (let round = 0; round < 2_000; round++) {
      const noise = (): number =>
        Array.from({ length: 12 }, () => random.next()).reduce((a, b) => a + b);
      const points = Array.from({ length: 18 }, (_, x) => ({ x, y: noise() }));
      if (trendOf(points).lowerBound > 0) rising += 1;
    }
    assert.ok(rising >= 8 && rising <= 36, String(rising));
  });

  test('a rise well above the noise is found', () => {
    const random = new Random(2);
    const points = Array.from({ length: 18 }, (_, x) => ({ x, y: x + random.next() }));
    const { slope, lowerBound } = trendOf(points);
    assert.ok(lowerBound > 0.9 && lowerBound < slope);
  });
});
