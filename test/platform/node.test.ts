import assert from 'node:assert/strict';
import { isUtf8 as isValid } from 'node:buffer';
import { test } from 'node:test';
import { getHeapStatistics } from 'node:v8';

import fc from 'fast-check';

import * as node from '../../src/platform/node.ts';
import type * as contract from '../../src/platform/platform.ts';

// The compiler holds the implementation to its contract.
node satisfies typeof contract;

const lengths = [0, 1, 2, 31, 2047, 2048, 2049, 2050, 5000];
const broken = ['c080', 'eda080', 'f4908080', 'f888808080', '80', 'e282', 'ff', 'f09f98'];

/** Bytes that begin behind others, so that ranges are tried and not whole arrays only. */
function shifted(content: Uint8Array, plain: boolean): [Uint8Array, number, number] {
  const bytes = plain ? new Uint8Array(content.length + 7) : Buffer.alloc(content.length + 7, 0xff);
  bytes.fill(0xff);
  bytes.set(content, 3);
  return [bytes, 3, 3 + content.length];
}

for (const plain of [false, true]) {
  const kind = plain ? 'a Uint8Array' : 'a Buffer';

  test(`RFC 6455 §8.1: valid UTF-8 decodes at every length around the threshold, from ${kind}`, () => {
    for (const unit of ['a', 'é', '漢', '😀', '\uFFFD', '\uFEFF', '\0']) {
      for (const length of lengths) {
        const text = unit.repeat(length);
        const [bytes, start, end] = shifted(Buffer.from(text), plain);
        assert.equal(node.decodeUtf8(bytes, start, end), text);
        assert.equal(node.decodeUtf8Loosely(bytes, start, end), text);
        assert.equal(node.isUtf8(bytes, start, end), true);
      }
    }
  });

  test(`RFC 6455 §8.1: invalid UTF-8 is not decoded, wherever it stands, from ${kind}`, () => {
    for (const hex of broken) {
      for (const length of lengths) {
        for (const padding of [Buffer.alloc(length, 'a'), Buffer.from('é'.repeat(length))]) {
          for (const parts of [
            [padding, Buffer.from(hex, 'hex')],
            [Buffer.from(hex, 'hex'), padding],
          ]) {
            const [bytes, start, end] = shifted(Buffer.concat(parts), plain);
            assert.equal(node.decodeUtf8(bytes, start, end), undefined, `${hex} ${length}`);
            assert.equal(node.isUtf8(bytes, start, end), false);
            assert.match(node.decodeUtf8Loosely(bytes, start, end), /\uFFFD/u);
          }
        }
      }
    }
  });

  test(`RFC 6455 §5.6: text written as UTF-8 fills exactly its length, in ${kind}`, () => {
    const text = fc.string({
      unit: fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\uD83D')),
    });
    fc.assert(
      fc.property(text, (text) => {
        const length = node.utf8Length(text);
        const target = plain ? new Uint8Array(length + 6).fill(1) : Buffer.alloc(length + 6, 1);
        node.writeUtf8(text, target, 3);
        const expected = [1, 1, 1, ...Buffer.from(text), 1, 1, 1];
        assert.deepEqual([...target], expected);
      }),
    );
  });
}

test('RFC 7230 §3: a head has one character for each byte', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = String.fromCharCode(...bytes);
  assert.equal(node.decodeLatin1(bytes, 0, 256), text);
  assert.equal(node.decodeLatin1(bytes, 65, 67), 'AB');
  assert.deepEqual(Uint8Array.from(node.encodeLatin1(text)), bytes);
});

test('RFC 6455 §8.1: any bytes whatever are judged as the host judges them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(40), (bytes, from, length) => {
      const start = Math.min(from, bytes.length);
      const end = Math.min(start + length, bytes.length);
      const slice = bytes.slice(start, end);
      const expected = isValid(slice)
        ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(slice)
        : undefined;
      assert.equal(node.isUtf8(bytes, start, end), expected !== undefined);
      assert.equal(node.decodeUtf8(bytes, start, end), expected);
    }),
  );
});

test('RFC 6455 §8.1: a whole array is judged without a range being cut', () => {
  assert.equal(node.isUtf8(Buffer.from('é'), 0, 2), true);
  assert.equal(node.isUtf8(Buffer.from('é'), 0, 1), false);
});

test('allocated bytes have the size asked for, and a backing store of their own when asked for', () => {
  for (const size of [0, 1, 125, 70_000]) {
    assert.equal(node.allocate(size).length, size);
    assert.equal(node.allocateOwn(size).length, size);
    assert.equal(node.allocateOwn(size).buffer.byteLength, size);
  }
});

test('RFC 6455 §5.3: masking keys are 32-bit numbers whose every bit varies, and do not repeat', () => {
  const drawn = new Set<number>();
  const count = 10_000;
  const ones = Array.from({ length: 32 }, () => 0);
  for (let i = 0; i < count; i++) {
    const key = node.randomMaskingKey();
    assert.ok(Number.isInteger(key) && key >= 0 && key <= 0xffff_ffff, `${key}`);
    drawn.add(key);
    for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] ?? 0) + ((key >>> bit) & 1);
  }
  assert.ok(drawn.size >= count - 2, `${count - drawn.size} keys came twice`);
  // Ten standard deviations of a fair coin are 500.
  for (const n of ones) assert.ok(Math.abs(n - count / 2) < 500, `${n}`);
});

test('RFC 6455 §4.1: a nonce is base64 of as many bytes as asked for and differs each time', () => {
  const nonces = Array.from({ length: 50 }, () => node.randomBase64(16));
  for (const nonce of nonces) assert.match(nonce, /^[A-Za-z0-9+/]{22}==$/);
  assert.equal(new Set(nonces).size, 50);
});

test('RFC 6455 §4.2.2: the SHA-1 of the key of §1.3 and the GUID is the accept value shown there', () => {
  const text = 'dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  assert.equal(node.sha1Base64(text), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('the limit of the heap is that of V8', () => {
  assert.equal(node.heapLimit(), getHeapStatistics().heap_size_limit);
});
