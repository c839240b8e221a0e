import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepFreedMemory, release } from '../../src/platform/freed-memory.ts';

test('bytes that are released are empty, where the host can free them', () => {
  const bytes = new Uint8Array(100);
  const part = bytes.subarray(10, 20);
  release(part);
  const lengths = 'transfer' in ArrayBuffer.prototype ? [0, 0] : [100, 10];
  assert.deepEqual([bytes.length, part.length], lengths);
});

test('the C library is taught once', () => {
  keepFreedMemory();
  const before = process.memoryUsage().arrayBuffers;
  keepFreedMemory();
  assert.ok(process.memoryUsage().arrayBuffers - before < 16_777_216);
});
