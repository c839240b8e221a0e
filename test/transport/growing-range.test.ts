import assert from 'node:assert/strict';
import { test } from 'node:test';

import { GrowingRange } from '../../src/transport/growing-range.ts';

const memory = new Uint8Array(100);

test('takes bytes that lie right behind it, as long as all have room', () => {
  const range = new GrowingRange(memory.subarray(10, 20));
  range.room = 15;
  assert.equal(range.append(memory.subarray(20, 30)), true);
  assert.deepEqual([range.end, range.room], [30, 5]);
  assert.equal(range.append(memory.subarray(30, 35)), false);
  assert.equal(range.append(memory.subarray(30, 34)), true);
});

test('takes no bytes from elsewhere, and none once it is closed', () => {
  const range = new GrowingRange(memory.subarray(10, 20));
  assert.equal(range.append(memory.subarray(21, 22)), false);
  assert.equal(range.append(new Uint8Array(100).subarray(20, 30)), false);
  range.open = false;
  assert.equal(range.append(memory.subarray(20, 30)), false);
  assert.equal(range.end, 20);
});
