import assert from 'node:assert/strict';
import { test } from 'node:test';

import { minimise } from '../../fuzz/engine/minimise.ts';
import { Random } from '../../fuzz/engine/random.ts';

const needle = Buffer.from('XY');

test('what the failure does not need goes, the rest becomes zeros where it may', async () => {
  const noise = new Random(1).bytes(300);
  const input = Buffer.concat([noise, needle, noise]);
  const smallest = await minimise(input, async (smaller) => Buffer.from(smaller).includes(needle));
  assert.deepEqual(Buffer.from(smallest), needle);
  const long = await minimise(input, async ({ length }) => length >= 7);
  assert.deepEqual([...long], [0, 0, 0, 0, 0, 0, 0]);
});

test('the result fails, also when hardly anything smaller does', async () => {
  const input = Buffer.from('only this');
  const fails = async (smaller: Uint8Array): Promise<boolean> => input.equals(smaller);
  assert.deepEqual(Buffer.from(await minimise(input, fails)), input);
});

test('it ends, however long the input is', async () => {
  let trials = 0;
  await minimise(new Random(2).bytes(5000), async () => ++trials < 0);
  assert.ok(trials <= 2000);
});
