import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, inflateRawSync } from 'node:zlib';

import fc from 'fast-check';

import { storeBlocks } from '../../../src/protocol/extension/stored-block.ts';

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const tail = Buffer.from('0000ffff', 'hex');

test('RFC 7692 §7.2.3.3: "Hello" in a block without compression, as the last payload and before', () => {
  const hello = Buffer.from('Hello');
  assert.equal(hexOf(storeBlocks(hello, true)), '000500faff48656c6c6f00');
  assert.equal(hexOf(storeBlocks(hello, false)), '000500faff48656c6c6f000000ffff');
});

test('RFC 7692 §7.2.3.6: nothing is stored as an empty block', () => {
  assert.equal(hexOf(storeBlocks(new Uint8Array(0), true)), '00');
  assert.equal(hexOf(storeBlocks(new Uint8Array(0), false)), '000000ffff');
});

test('RFC 1951 §3.2.4: any bytes come back, in blocks of at most 65,535 bytes', () => {
  const length = fc.oneof(fc.nat(300), fc.constantFrom(65_534, 65_535, 65_536, 131_070, 131_071));
  fc.assert(
    fc.property(length, fc.boolean(), (length, last) => {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => i * 7));
      const payload = Buffer.concat([storeBlocks(bytes, last), last ? tail : Buffer.alloc(0)]);
      const output = inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH });
      assert.deepEqual(output, bytes);
      assert.equal(payload.length, length + 5 * (Math.ceil(length / 65_535) + 1));
    }),
  );
});
