import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { applyMask } from '../../../src/protocol/frame/mask.ts';
import { hex, unhex } from '../../support/recorder.ts';

/** RFC 6455 §5.3 to the letter: octet i is XORed with octet i mod 4 of the key. */
function byTheRule(bytes: Uint8Array, key: number, offset: number): number[] {
  const octets = [24, 16, 8, 0].map((shift) => (key >>> shift) & 0xff);
  return Array.from(bytes, (byte, index) => byte ^ (octets[(index + offset) & 3] ?? 0));
}

function maskedHex(text: string, key: number): string {
  const bytes = unhex(text);
  applyMask(bytes, 0, bytes.length, key);
  return hex(bytes);
}

test('C-01, F009: "abcdefgh" with the key 12345678', () => {
  assert.equal(maskedHex('6162636465666768', 0x12345678), '7356351c77523110');
});

test('C-04, F009: nothing stays nothing, "Hello" is masked as RFC 6455 §5.7 has it', () => {
  assert.equal(maskedHex('', 0x37fa213d), '');
  assert.equal(maskedHex('48656c6c6f', 0x37fa213d), '7f9f4d5158');
});

test('C-04: masking twice changes nothing, for sizes from 0 to 65', () => {
  for (let size = 0; size <= 65; size++) {
    const bytes = Uint8Array.from({ length: size }, (_, index) => index * 7);
    const copy = Uint8Array.from(bytes);
    applyMask(copy, 0, size, 0xdeadbeef);
    assert.equal(hex(copy) === hex(bytes), size === 0);
    applyMask(copy, 0, size, 0xdeadbeef);
    assert.equal(hex(copy), hex(bytes));
  }
});

test('RFC 6455 §5.3: every alignment, offset and length around the words is masked by the rule', () => {
  const around = (size: number): number[] => Array.from({ length: 7 }, (_, i) => size - 3 + i);
  for (const length of [0, 1, 2, 3, 4, 5, ...around(128), 255, 256, ...around(1_024), 1_100]) {
    for (let align = 0; align < 4; align++) {
      for (let offset = 0; offset < 5; offset++) {
        // A view that itself begins anywhere in its backing store.
        const bytes = new Uint8Array(new ArrayBuffer(align + length + 9), align, length + 9);
        bytes.forEach((_, index) => (bytes[index] = index * 31));
        const expected = byTheRule(bytes.subarray(3, 3 + length), 0x81c3a5f7, offset);
        applyMask(bytes, 3, 3 + length, 0x81c3a5f7, offset);
        assert.deepEqual([...bytes.subarray(3, 3 + length)], expected);
        // Nothing beside the range is touched.
        assert.deepEqual([...bytes.subarray(0, 3)], [0, 31, 62]);
        assert.equal(bytes[3 + length], ((3 + length) * 31) & 0xff);
      }
    }
  }
});

test('RFC 6455 §5.3: payloads that follow each other in the same bytes, and others between them', () => {
  const chunks = [400, 70_000].map((size) => new Uint8Array(size).map((_, index) => index * 13));
  for (const length of [5, 40, 130, 1100, 33]) {
    for (const chunk of [...chunks, ...chunks, ...chunks]) {
      const end = Math.min(chunk.length, 3 + length);
      const expected = [...chunk];
      expected.splice(3, end - 3, ...byTheRule(chunk.subarray(3, end), 0x81c3a5f7, 0));
      applyMask(chunk, 3, end, 0x81c3a5f7);
      assert.deepEqual([...chunk], expected);
      applyMask(chunk, 3, end, 0x81c3a5f7);
      applyMask(chunk, 3, end, 0x81c3a5f7);
      assert.deepEqual([...chunk], expected);
    }
  }
});

test('RFC 6455 §5.3: a payload may be masked in pieces cut anywhere', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 700 }),
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.array(fc.nat(700)),
      (payload, key, cuts) => {
        const bytes = Uint8Array.from(payload);
        const points = [...cuts.filter((cut) => cut < bytes.length), bytes.length];
        let from = 0;
        for (const to of points.toSorted((a, b) => a - b)) {
          applyMask(bytes, from, to, key, from);
          from = to;
        }
        assert.deepEqual([...bytes], byTheRule(payload, key, 0));
      },
    ),
  );
});

test('RFC 6455 §5.3: long payloads of any length, key and place are masked by the rule', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 700, max: 200_000 }),
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.nat(70),
      fc.nat(3),
      (length, key, start, offset) => {
        const bytes = Buffer.alloc(start + length + 9, 'some bytes, and more');
        const expected = Buffer.from(bytes);
        expected.set(byTheRule(bytes.subarray(start, start + length), key, offset), start);
        applyMask(bytes, start, start + length, key, offset);
        assert.ok(bytes.equals(expected));
      },
    ),
    { numRuns: 60 },
  );
});

test('RFC 6455 §5.3: the offset may be as large as a payload can be', () => {
  const bytes = unhex('00000000');
  applyMask(bytes, 0, 4, 0x01020304, Number.MAX_SAFE_INTEGER);
  assert.equal(hex(bytes), '04010203');
});
