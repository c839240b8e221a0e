import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  byteLength,
  bytesToKeep,
  type Payload,
  payloadOf,
} from '../../../src/connection/sending/payload.ts';

describe('payloadOf()', () => {
  test('leaves text and bytes as they are', () => {
    const bytes = Uint8Array.of(1, 2);
    assert.equal(payloadOf(bytes, 'it'), bytes);
    assert.equal(payloadOf('dré', 'it'), 'dré');
  });

  test('looks at the bytes of every buffer and view without copying them', () => {
    const buffer = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11).buffer;
    const parts: readonly (readonly [Payload, readonly number[]])[] = [
      [buffer, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
      [new DataView(buffer, 3, 2), [3, 4]],
      [new Uint16Array(buffer, 2, 2), [2, 3, 4, 5]],
      [new Float32Array(buffer, 4, 1), [4, 5, 6, 7]],
      [new Uint8ClampedArray(buffer, 11), [11]],
      [new ArrayBuffer(0), []],
    ];
    for (const [given, expected] of parts) {
      const payload = payloadOf(given, 'it');
      assert.ok(payload instanceof Uint8Array);
      assert.deepEqual([...payload], expected);
    }
    const whole = payloadOf(buffer, 'it');
    assert.ok(typeof whole !== 'string' && whole.buffer === buffer);
  });

  test('refuses anything else by a TypeError that names it', () => {
    for (const value of [undefined, null, 5, {}, [1], true, new SharedArrayBuffer(1)]) {
      assert.throws(() => payloadOf(value as never, 'message'), {
        name: 'TypeError',
        message: /^message must be a string, an ArrayBuffer or a view of one, but is /,
      });
    }
  });
});

test('byteLength(): text as UTF-8, bytes as they are', () => {
  assert.deepEqual(
    ['', 'abc', 'é', '€', '😀', '\ud800'].map((text) => byteLength(text)),
    [0, 3, 2, 3, 4, 3],
  );
  assert.equal(byteLength(new Uint8Array(7)), 7);
});

describe('bytesToKeep()', () => {
  test('copies what is shorter than half of its backing store, and nothing else', () => {
    const store = Uint8Array.from({ length: 100 }, (_, index) => index);
    const view = bytesToKeep(store, 10, 60);
    const copy = bytesToKeep(store, 10, 59);
    assert.equal(view.buffer, store.buffer);
    assert.equal(copy.buffer.byteLength, 49);
    assert.deepEqual([view.length, view[0], copy.length, copy[0]], [50, 10, 49, 10]);
  });

  test('counts from the start of a view, and measures the whole store behind it', () => {
    const store = new Uint8Array(100).fill(1);
    const chunk = store.subarray(50);
    store[60] = 9;
    const bytes = bytesToKeep(chunk, 10, 50);
    assert.notEqual(bytes.buffer, store.buffer);
    assert.deepEqual([bytes.length, bytes[0]], [40, 9]);
  });

  test('gives exactly a Uint8Array, also out of a Buffer', () => {
    const chunk = Buffer.from('0123456789');
    for (const end of [0, 1, 10]) {
      const bytes = bytesToKeep(chunk, 0, end);
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
      assert.equal(bytes.length, end);
    }
  });
});
