import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { byteLength, type Payload, payloadOf } from '../../../src/connection/sending/payload.ts';

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
