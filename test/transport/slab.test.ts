import assert from 'node:assert/strict';
import test from 'node:test';

import { Slab } from '../../src/transport/slab.ts';

test('a slab gives room that does not overlap, and none that it does not have', () => {
  const slab = new Slab();
  assert.deepEqual(
    [slab.reserve(8_000), slab.reserve(57_537), slab.reserve(57_536), slab.reserve(1)],
    [0, -1, 8_000, -1],
  );
});

test('a slab is used again once all that lies in it has left', () => {
  const slab = new Slab();
  const { bytes } = slab;
  slab.reserve(100);
  slab.reserve(200);
  slab.release(bytes, 100);
  assert.equal(slab.reserve(50), 300);
  slab.release(bytes, 250);
  assert.equal(slab.reserve(50), 0);
  assert.equal(slab.bytes, bytes);
});

test('memory that is given up is not used again, nor does it count any more', () => {
  const slab = new Slab();
  const { bytes } = slab;
  slab.reserve(100);
  slab.giveUp(bytes);
  assert.notEqual(slab.bytes, bytes);
  assert.equal(slab.reserve(100), 0);
  slab.release(bytes, 100);
  slab.giveUp(bytes);
  assert.equal(slab.reserve(100), 100);
});

test('a slab that nobody uses becomes as large as asked, and no more than twice that', () => {
  const slab = new Slab();
  slab.fit(200_000);
  const { bytes, store } = slab;
  assert.deepEqual([bytes.length, store], [200_000, bytes.buffer]);
  slab.fit(100_001);
  assert.equal(slab.bytes, bytes);
  assert.equal(slab.reserve(200_000), 0);
  for (const length of [100_000, 200_001]) slab.fit(length);
  assert.equal(slab.bytes, bytes, 'it is in use');
  slab.release(bytes, 200_000);
  slab.fit(100_000);
  assert.deepEqual([slab.bytes.length, slab.store], [100_000, slab.bytes.buffer]);
});
