import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LastBytes } from '../../src/transport/last-bytes.ts';

const none = Buffer.alloc(0);

function assertHolds(last: LastBytes<Uint8Array>, bytes: Uint8Array): void {
  assert.equal(last.bytes, bytes);
  assert.equal(last.store, bytes.buffer);
  assert.equal(last.start, bytes.byteOffset);
  assert.equal(last.storeSize, bytes.buffer.byteLength);
}

test('it tells of the last bytes where they lie, and of how much they are a part', () => {
  const last = new LastBytes<Uint8Array>(none);
  assertHolds(last, none);
  const [one, other] = [new Uint8Array(100).subarray(10, 30), new Uint8Array(7)];
  last.turnTo(one);
  assertHolds(last, one);
  assert.deepEqual([last.start, last.storeSize], [10, 100]);
  last.turnTo(other);
  assertHolds(last, other);
});

test('whoever knows where bytes lie need not have them asked', () => {
  const last = new LastBytes<Uint8Array>(none);
  const store = new ArrayBuffer(50);
  const bytes = Buffer.from(store, 20, 10);
  const asked = (): never => assert.fail('asked');
  Object.defineProperties(bytes, { buffer: { get: asked }, byteOffset: { get: asked } });
  last.put(bytes, store, 20);
  assert.deepEqual([last.bytes === bytes, last.store === store], [true, true]);
  assert.deepEqual([last.start, last.storeSize], [20, 50]);
});

test('what is forgotten is kept alive by no field', () => {
  const last = new LastBytes<Uint8Array>(none);
  last.turnTo(new Uint8Array(100));
  last.forget();
  assertHolds(last, none);
});
