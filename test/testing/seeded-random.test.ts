import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SeededRandom } from '../../src/testing/seeded-random.ts';

const draw = (random: SeededRandom, count = 20): number[] =>
  Array.from({ length: count }, () => random.next());

test('the same seed and name give the same numbers, another seed or name others', () => {
  const numbers = draw(new SeededRandom(7, 'a'));
  assert.deepEqual(draw(new SeededRandom(7, 'a')), numbers);
  assert.notDeepEqual(draw(new SeededRandom(8, 'a')), numbers);
  assert.notDeepEqual(draw(new SeededRandom(7, 'b')), numbers);
  assert.equal(new Set(numbers).size, 20);
});

test('numbers fill the range from 0 to 1 evenly', () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const number of draw(new SeededRandom(1), 10_000)) {
    const tenth = Math.floor(number * 10);
    tenths[tenth] = (tenths[tenth] ?? NaN) + 1;
  }
  for (const count of tenths) assert.ok(count > 850 && count < 1_150, String(tenths));
});

test('integers come from both ends of their range and from between', () => {
  const random = new SeededRandom(1);
  const drawn = new Set(Array.from({ length: 200 }, () => random.integer(3, 6)));
  assert.deepEqual(drawn, new Set([3, 4, 5, 6]));
});

test('gaps are as long as the chance says', () => {
  const random = new SeededRandom(1);
  const gaps = Array.from({ length: 10_000 }, () => random.gap(0.1));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  assert.ok(mean > 8.5 && mean < 9.5, String(mean));
  assert.equal(random.gap(1), 0);
  assert.equal(random.gap(0), Infinity);
});
