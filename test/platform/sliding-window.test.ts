import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { SlidingWindow } from '../../src/platform/sliding-window.ts';

test('RFC 1951 §2: a window holds the last bytes of all output, however it was cut', () => {
  const outputs = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), outputs, (size, outputs) => {
      const window = new SlidingWindow(size);
      for (const [index, output] of outputs.entries()) {
        window.append(output);
        const all = Buffer.concat(outputs.slice(0, index + 1));
        assert.deepEqual(Buffer.from(window.bytes), all.subarray(Math.max(0, all.length - size)));
      }
    }),
  );
});

test('RFC 1951 §2: a window copies, grows with what came, and forgets when told to', () => {
  const window = new SlidingWindow(32_768);
  const output = Buffer.from('hello');
  window.append(output);
  output.fill(0);
  assert.equal(Buffer.from(window.bytes).toString(), 'hello');
  assert.equal(window.bytes.buffer.byteLength, 5);
  window.append(Buffer.alloc(100_000, 7));
  assert.equal(window.bytes.buffer.byteLength, 32_768);
  window.clear();
  assert.equal(window.bytes.buffer.byteLength, 0);
  window.append(Buffer.from('x'));
  assert.equal(Buffer.from(window.bytes).toString(), 'x');
});
