import assert from 'node:assert/strict';
import { test } from 'node:test';

import { copyInto } from '../../../src/protocol/frame/copy.ts';

const source = Buffer.from(Array.from({ length: 200 }, (_, index) => index));

test('bytes are copied to an offset, and nothing around them changes', () => {
  for (const length of [0, 1, 23, 24, 25, 65, 190]) {
    const target = new Uint8Array(length + 4).fill(0xff);
    copyInto(source.subarray(0, length), target, 2);
    assert.deepEqual([...target], [0xff, 0xff, ...source.subarray(0, length), 0xff, 0xff]);
  }
});
