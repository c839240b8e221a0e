import assert from 'node:assert/strict';
import test from 'node:test';

import { Slab } from '../../src/transport/slab.ts';

test('a slab gives pieces of one memory that do not overlap', () => {
  const slab = new Slab();
  const first = slab.allocate(8_000);
  const second = slab.allocate(8_000);
  assert.equal(first.buffer, second.buffer);
  assert.equal(second.byteOffset, first.byteOffset + 8_000);
});

test('a released slab is used again when the system has taken its bytes, else left alone', () => {
  const slab = new Slab();
  const first = slab.allocate(8_000);
  slab.release(true);
  const second = slab.allocate(8_000);
  assert.equal(second.buffer, first.buffer);
  assert.equal(second.byteOffset, first.byteOffset);
  slab.release(false);
  assert.notEqual(slab.allocate(8_000).buffer, first.buffer);
});

test('a slab leaves to fresh memory what is tiny or does not fit any more', () => {
  const slab = new Slab();
  const first = slab.allocate(60_000);
  assert.notEqual(slab.allocate(100).buffer, first.buffer);
  assert.notEqual(slab.allocate(8_000).buffer, first.buffer);
  assert.equal(slab.allocate(8_000).length, 8_000);
});
