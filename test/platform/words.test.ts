import assert from 'node:assert/strict';
import { test } from 'node:test';

import { wordsOf } from '../../src/platform/words.ts';

test('few bytes get no view at first, and one when the same bytes come again, which is kept', () => {
  const bytes = new Uint8Array(new ArrayBuffer(40), 3, 30);
  assert.equal(wordsOf(bytes, 127), undefined);
  const words = wordsOf(bytes, 1);
  assert.deepEqual([words?.buffer, words?.byteOffset, words?.byteLength], [bytes.buffer, 3, 30]);
  assert.equal(wordsOf(bytes, 1), words);
});

test('many bytes get one at once', () => {
  const bytes = new Uint8Array(200);
  const words = wordsOf(bytes, 128);
  assert.equal(words?.buffer, bytes.buffer);
  assert.equal(wordsOf(bytes, 5), words);
});

test('other bytes have another view', () => {
  const [one, other] = [new Uint8Array(200), new Uint8Array(200)];
  wordsOf(one, 200);
  assert.equal(wordsOf(other, 200)?.buffer, other.buffer);
  assert.equal(wordsOf(one, 3), undefined);
});

test('large bytes are not kept', () => {
  const bytes = new Uint8Array(65_537);
  assert.equal(wordsOf(bytes, 100), undefined);
  assert.equal(wordsOf(bytes, 100), undefined);
  const words = wordsOf(bytes, 200);
  assert.equal(words?.byteLength, 65_537);
  assert.notEqual(wordsOf(bytes, 200), words);
});

test('large bytes do not take the place of those that are kept', () => {
  const bytes = new Uint8Array(200);
  const words = wordsOf(bytes, 200);
  wordsOf(new Uint8Array(65_537), 200);
  assert.equal(wordsOf(bytes, 1), words);
});

test('bytes whose memory has grown or shrunk have another view', () => {
  const memory: ArrayBuffer & { resize(length: number): void } = Reflect.construct(ArrayBuffer, [
    200,
    { maxByteLength: 400 },
  ]);
  const bytes = new Uint8Array(memory);
  for (const length of [200, 400, 150]) {
    memory.resize(length);
    assert.equal(wordsOf(bytes, length)?.byteLength, length);
  }
});
