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
