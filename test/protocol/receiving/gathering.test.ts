import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Gathering } from '../../../src/protocol/receiving/gathering.ts';
import { provideTransfer } from '../../support/transfer.ts';

const sizes = { initial: 16, growBy: 0, max: Infinity };

function pieceOf(length: number, fill: number): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

// The first test of all: a process learns that once.
test('the C library is taught when bytes of 128 KiB are joined, not before', (t) => {
  const { mock } = t.mock.method(Buffer, 'allocUnsafeSlow');
  for (const last of [65_535, 65_536]) {
    mock.resetCalls();
    const gathering = new Gathering(sizes, Infinity, true);
    const pieces = [pieceOf(65_536, 1), pieceOf(last, 2)];
    const all = Buffer.concat(pieces);
    for (const piece of pieces) gathering.add(piece, 0, piece.length);
    assert.deepEqual(Buffer.from(gathering.take()), all);
    const allocated = mock.calls.map(({ arguments: [size] }) => size);
    assert.deepEqual(allocated, last === 65_536 ? [16_777_216, 131_072] : [131_071]);
  }
});

test('pieces come out as one, whatever their sizes', () => {
  const lengths = fc.oneof(fc.nat(200), fc.nat(20_000), fc.constant(4096));
  fc.assert(
    fc.property(fc.array(lengths, { maxLength: 12 }), fc.boolean(), (pieces, embedded) => {
      const gathering = new Gathering(sizes);
      const expected: Uint8Array[] = [];
      for (const [index, length] of pieces.entries()) {
        const piece = pieceOf(length, index + 1);
        const around = embedded ? Buffer.concat([pieceOf(5, 99), piece, pieceOf(3, 99)]) : piece;
        gathering.add(around, embedded ? 5 : 0, length + (embedded ? 5 : 0));
        expected.push(piece);
      }
      assert.equal(gathering.length, Buffer.concat(expected).length);
      assert.deepEqual(Buffer.from(gathering.take()), Buffer.concat(expected));
      assert.equal(gathering.length, 0);
      assert.equal(gathering.held, 0);
    }),
    { numRuns: 60 },
  );
});

test('an empty piece costs nothing, and nothing gathered is no bytes', () => {
  const gathering = new Gathering(sizes);
  gathering.add(pieceOf(10, 1), 4, 4);
  assert.deepEqual([gathering.length, gathering.held], [0, 0]);
  assert.equal(gathering.take().length, 0);
});

test('a small piece is copied, so that it pins no read buffer', () => {
  const buffer = new Uint8Array(65_536).fill(1);
  const gathering = new Gathering(sizes);
  gathering.add(buffer, 0, 10);
  buffer.fill(2);
  const bytes = gathering.take();
  assert.deepEqual([...bytes], Array<number>(10).fill(1));
  assert.ok(bytes.buffer.byteLength < 100);
});

test('a piece that fills most of its backing store is kept as it is', () => {
  const gathering = new Gathering(sizes);
  const piece = new Uint8Array(8192);
  gathering.add(piece, 0, 8192);
  assert.equal(gathering.held, 8192);
  assert.equal(gathering.take().buffer, piece.buffer);
});

test('a piece is kept from 4,096 bytes on, in a store with at most 16,384 bytes beside it', () => {
  for (const [length, store, kept] of [
    [4_095, 4_095, false],
    [4_096, 4_096, true],
    [20_000, 20_000, true],
    [8_192, 8_192 + 16_384, true],
    [8_192, 8_192 + 16_385, false],
  ] as const) {
    const gathering = new Gathering(sizes);
    const bytes = new Uint8Array(store);
    gathering.add(bytes, 0, length);
    assert.equal(gathering.take().buffer === bytes.buffer, kept, `${length} of ${store}`);
  }
});

test('memory doubles, or takes at once what is there', () => {
  const gathering = new Gathering(sizes);
  const held = new Set<number>();
  for (let count = 0; count < 49; count++) {
    gathering.add(pieceOf(1, count), 0, 1);
    held.add(gathering.held);
  }
  assert.deepEqual([...held], [16, 48, 112]);
  gathering.add(pieceOf(63 + 1_000, 1), 0, 63 + 1_000);
  assert.equal(gathering.held, 1_112);
});

test('memory follows what arrived: it doubles up to 64 KiB and holds no more than that in vain', () => {
  const gathering = new Gathering({ ...sizes, initial: 1024 });
  const piece = new Uint8Array(1000);
  let most = 0;
  for (let count = 0; count < 1000; count++) {
    gathering.add(piece, 0, 1000);
    most = Math.max(most, gathering.held - gathering.length);
  }
  assert.equal(gathering.length, 1_000_000);
  assert.ok(most <= 65_536, `${most}`);
});

test('F134: memory grows in the steps that were asked for', () => {
  const gathering = new Gathering({ ...sizes, initial: 100, growBy: 50 });
  const held: number[] = [];
  for (let count = 0; count < 5; count++) {
    gathering.add(pieceOf(60, count), 0, 60);
    held.push(gathering.held);
  }
  assert.deepEqual(held, [100, 150, 200, 250, 300]);
});

test('F134: memory never grows beyond the most that may come', () => {
  for (const [initial, held] of [
    [1_000, [170, 170, 170]],
    [100, [100, 170, 170]],
  ] as const) {
    const gathering = new Gathering({ initial, growBy: 100, max: 170 });
    for (const [index, length] of [60, 90, 20].entries()) {
      gathering.add(pieceOf(length, 1), 0, length);
      assert.equal(gathering.held, held[index]);
    }
    assert.equal(gathering.take().length, 170);
  }
});

test('what comes beyond the most there should be is kept as well', () => {
  const gathering = new Gathering({ initial: 2, growBy: 2, max: 3 });
  for (const length of [2, 7, 1]) gathering.add(pieceOf(length, 1), 0, length);
  assert.equal(gathering.held, 10);
  assert.equal(gathering.take().length, 10);
});

test('what was gathered can be dropped', () => {
  const gathering = new Gathering(sizes);
  gathering.add(pieceOf(40, 1), 0, 40);
  gathering.clear();
  assert.equal(gathering.take().length, 0);
});

test('whatever the peer cuts, a whole message holds at most 16 KiB in vain', () => {
  const max = 1_048_576;
  const patterns = [[33_000], [1, 60_000], [4_095, 4_097], [65_536, 1], [50_000, 20_000, 3]];
  for (const pattern of patterns) {
    const gathering = new Gathering({ initial: 1_024, growBy: 0, max });
    let most = 0;
    for (let count = 0; gathering.length < max; count++) {
      const length = pattern[count % pattern.length] ?? 1;
      gathering.add(new Uint8Array(65_536), 0, Math.min(length, max - gathering.length));
      most = Math.max(most, gathering.held - gathering.length);
    }
    assert.ok(most <= 81_920, `${pattern.join()}: ${most} on the way`);
    assert.ok(gathering.held - max <= 16_384, `${pattern.join()}: ${gathering.held - max}`);
  }
});

test('the last piece need not be gathered first', () => {
  const lengths = fc.oneof(fc.nat(200), fc.nat(20_000), fc.constant(4096));
  fc.assert(
    fc.property(fc.array(lengths, { maxLength: 6 }), lengths, fc.boolean(), (most, last, known) => {
      const gathering = new Gathering({ ...sizes, initial: 1024 });
      const pieces = [...most, last].map((length, index) => pieceOf(length, index + 1));
      const all = Buffer.concat(pieces);
      for (const piece of pieces.slice(0, -1)) {
        gathering.add(piece, 0, piece.length, known ? all.length : undefined);
      }
      const around = Buffer.concat([pieceOf(5, 99), pieceOf(last, pieces.length), pieceOf(3, 99)]);
      assert.deepEqual(Buffer.from(gathering.finish(around, 5, last + 5)), all);
      assert.deepEqual([gathering.length, gathering.held], [0, 0]);
    }),
    { numRuns: 60 },
  );
});

test('what was announced gets its memory at once when half of it is there, and else the double', () => {
  const gathering = new Gathering({ initial: 1024, growBy: 0, max: Infinity });
  const lent = new Uint8Array(200_000);
  for (const [first, held] of [
    [10, 1024],
    [4000, 8000],
    [8000, 16_000],
    [8192, 16_384],
    [16_000, 16_384],
  ] as const) {
    gathering.add(lent, 0, first, 16_384);
    assert.equal(gathering.held, held);
    const whole = gathering.finish(lent, first, 16_384);
    assert.deepEqual([whole.length, whole.buffer.byteLength], [16_384, 16_384]);
  }
});

test('given pieces that lie alone in their memory are freed when they have been joined', (t) => {
  provideTransfer(t);
  const cut = (length: number, start: number, end = length): [Uint8Array, number, number] => [
    new Uint8Array(length).fill(1),
    start,
    end,
  ];
  for (const [given, piece, alone] of [
    [true, cut(8192, 0), true],
    [true, cut(8192, 14), true],
    [true, cut(8192, 15), false],
    [true, cut(8192, 0, 8191), false],
    [false, cut(8192, 0), false],
  ] as const) {
    const gathering = new Gathering(sizes, Infinity, given);
    gathering.add(...piece);
    const whole = gathering.finish(pieceOf(1, 1), 0, 1);
    assert.deepEqual(Buffer.from(whole), Buffer.alloc(piece[2] - piece[1] + 1, 1));
    assert.equal(piece[0].length, alone ? 0 : 8192, `${String(given)} ${piece[1]}`);
  }
});

test('pieces are nobody else’s only when that is said', (t) => {
  provideTransfer(t);
  const gathering = new Gathering(sizes);
  const piece = pieceOf(8192, 1);
  gathering.add(piece, 0, 8192);
  gathering.finish(pieceOf(1, 1), 0, 1);
  assert.equal(piece.length, 8192);
});

test('a last piece that fits into the memory there is, to its last byte, takes no more', (t) => {
  const { mock } = t.mock.method(Buffer, 'allocUnsafeSlow');
  for (const [last, allocations] of [
    [5, 0],
    [6, 0],
    [7, 1],
  ] as const) {
    const gathering = new Gathering({ initial: 16, growBy: 0, max: Infinity });
    gathering.add(pieceOf(10, 1), 0, 10);
    mock.resetCalls();
    const whole = gathering.finish(pieceOf(last, 2), 0, last);
    assert.deepEqual([...whole], [...pieceOf(10, 1), ...pieceOf(last, 2)]);
    assert.equal(mock.callCount(), allocations, `${last} bytes`);
  }
});

test('one given piece that is all is handed on, not freed', (t) => {
  provideTransfer(t);
  const gathering = new Gathering(sizes, Infinity, true);
  gathering.add(pieceOf(8192, 1), 0, 8192);
  assert.deepEqual(gathering.take(), pieceOf(8192, 1));
});
