import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { bytesToKeep, sharedToKeep } from '../../../src/connection/receiving/bytes-to-keep.ts';

describe('bytesToKeep()', () => {
  test('copies what is shorter than half of its backing store, and nothing else', () => {
    const store = Uint8Array.from({ length: 100 }, (_, index) => index);
    const view = bytesToKeep(store, 50, 100);
    const copy = bytesToKeep(store, 51, 100);
    assert.equal(view.buffer, store.buffer);
    assert.equal(copy.buffer.byteLength, 49);
    assert.deepEqual([view.length, view[0], copy.length, copy[0]], [50, 50, 49, 51]);
  });

  test('copies what something follows: it may be transferred, and that must not go with it', () => {
    const store = Uint8Array.from({ length: 100 }, (_, index) => index);
    const first = bytesToKeep(store, 10, 90);
    structuredClone(first, { transfer: [first.buffer as ArrayBuffer] });
    assert.deepEqual([...bytesToKeep(store, 90, 93)], [90, 91, 92]);
  });

  test('copies what does not reach the end of its store: zlib fills that further', () => {
    const store = new Uint8Array(100);
    assert.notEqual(bytesToKeep(store.subarray(0, 90), 0, 90).buffer, store.buffer);
    assert.equal(bytesToKeep(store.subarray(10), 0, 90).buffer, store.buffer);
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
    for (const end of [0, 1, 9, 10]) {
      const bytes = bytesToKeep(chunk, 0, end);
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
      assert.equal(bytes.length, end);
    }
  });
});

describe('sharedToKeep()', () => {
  const chunkOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i);
  const messages = (chunk: Uint8Array, length: number): Uint8Array[] =>
    Array.from({ length: Math.floor(chunk.length / length) }, (_, i) =>
      sharedToKeep(chunk, i * length, (i + 1) * length),
    );

  const sizes = (kept: readonly Uint8Array[]): number[] =>
    [...new Set(kept.map(({ buffer }) => buffer))].map(({ byteLength }) => byteLength);

  test('copies small messages of a chunk together, each where it was', () => {
    const chunk = chunkOf(200).subarray(50);
    const kept = messages(chunk, 10);
    assert.deepEqual(
      kept.flatMap((bytes) => [...bytes]),
      [...chunk],
    );
    assert.deepEqual(sizes(kept), [10, 40, 100]);
    assert.ok(kept.every(({ buffer }) => buffer !== chunk.buffer));
    assert.ok(kept.every((bytes) => Object.getPrototypeOf(bytes) === Uint8Array.prototype));
  });

  test('shares four times what came before, and no more than 4 KiB', () => {
    const kept = messages(chunkOf(65_536), 100);
    assert.deepEqual(sizes(kept).slice(0, 6), [100, 400, 2000, 4096, 4096, 4096]);
    assert.deepEqual([...(kept[654] ?? [])], [...chunkOf(65_536).subarray(65_400, 65_500)]);
  });

  test('MS-13: what is long, or the only small one, pins nothing more', () => {
    const chunk = chunkOf(65_536);
    assert.equal(sharedToKeep(chunk, 2, 34).buffer.byteLength, 32);
    assert.equal(sharedToKeep(chunk, 100, 1125).buffer.byteLength, 1025);
    assert.equal(sharedToKeep(chunk, 2000, 2032).buffer.byteLength, 128);
    assert.equal(sharedToKeep(chunk, 65_500, 65_532).buffer.byteLength, 32);
    assert.equal(sharedToKeep(chunk, 25_536, 65_536).buffer, chunk.buffer);
  });

  test('shares nothing between chunks', () => {
    const [chunk, other] = [chunkOf(100), chunkOf(100).fill(7)];
    messages(chunk, 5);
    const kept = messages(other, 5);
    assert.ok(kept.every((bytes) => bytes.every((byte) => byte === 7)));
  });

  test('begins anew when somebody transferred what was shared', () => {
    const chunk = chunkOf(100);
    const [, first] = [0, 10].map((at) => sharedToKeep(chunk, at, at + 10));
    assert.equal(first?.buffer.byteLength, 40);
    structuredClone(first, { transfer: [first.buffer as ArrayBuffer] });
    assert.deepEqual([...sharedToKeep(chunk, 20, 23)], [20, 21, 22]);
    assert.equal(first.length, 0);
  });

  test('takes empty messages', () => {
    const chunk = chunkOf(100);
    const lengths = [10, 50, 100].map((at) => sharedToKeep(chunk, at, at).length);
    assert.deepEqual(lengths, [0, 0, 0]);
  });
});
