import assert from 'node:assert/strict';
import { test } from 'node:test';

import { keepFreedMemory, release } from '../../src/platform/freed-memory.ts';
import { provideTransfer } from '../support/transfer.ts';

test('bytes that are released are empty, where the host can free them', () => {
  const bytes = new Uint8Array(100);
  const part = bytes.subarray(10, 20);
  release(part);
  const lengths = 'transfer' in ArrayBuffer.prototype ? [0, 0] : [100, 10];
  assert.deepEqual([bytes.length, part.length], lengths);
});

test('bytes that are released are empty, on Node 20 with the transfer that later ones have', (t) => {
  provideTransfer(t);
  const bytes = new Uint8Array(100);
  release(bytes.subarray(10, 20));
  assert.equal(bytes.length, 0);
});

test('memory that others share stays as it is', (t) => {
  provideTransfer(t);
  const shared = new Uint8Array(new SharedArrayBuffer(100)).fill(7);
  release(shared);
  assert.deepEqual([shared.length, shared[99]], [100, 7]);
});

test('the C library is taught once, and where there is no memory for that, nothing fails', (t) => {
  const { mock } = t.mock.method(Buffer, 'allocUnsafeSlow', () => {
    throw new RangeError('Array buffer allocation failed');
  });
  keepFreedMemory();
  keepFreedMemory();
  assert.deepEqual(
    mock.calls.map((call) => call.arguments),
    [[16_777_216]],
  );
});
