import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { SlidingWindow } from '../../../src/platform/zlib/sliding-window.ts';

const bytesOf = (window: SlidingWindow, count = Infinity): Buffer =>
  Buffer.from(window.last(count) ?? []);

const memoryOf = (window: SlidingWindow): number | undefined =>
  window.last(Infinity)?.buffer.byteLength;

test('RFC 1951 §2: a window holds the last bytes of all output, however it was cut', () => {
  const outputs = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), outputs, (size, outputs) => {
      const window = new SlidingWindow(size);
      for (const [index, output] of outputs.entries()) {
        window.append(output);
        const all = Buffer.concat(outputs.slice(0, index + 1));
        const kept = all.subarray(Math.max(0, all.length - size));
        assert.equal(window.length, kept.length);
        assert.deepEqual(bytesOf(window), kept);
        assert.deepEqual(bytesOf(window, 3), kept.subarray(-3));
      }
    }),
  );
});

test('RFC 1951 §2: a window copies, grows with what came, and forgets when told to', () => {
  const window = new SlidingWindow(32_768);
  const output = Buffer.from('hello');
  window.append(output);
  output.fill(0);
  assert.equal(bytesOf(window).toString(), 'hello');
  assert.equal(memoryOf(window), 5);
  window.append(Buffer.alloc(100_000, 7));
  assert.equal(memoryOf(window), 32_768);
  window.clear();
  assert.equal(window.last(Infinity), undefined);
  window.append(Buffer.from('x'));
  assert.equal(bytesOf(window).toString(), 'x');
});
