import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Opcode } from '../../../src/protocol/opcode.ts';
import { FrameArena } from '../../../src/protocol/sending/frame-arena.ts';
import { hex, unhex } from '../../support/recorder.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);

test('RFC 6455 §5.2: a whole message becomes one unmasked frame', () => {
  const arena = new FrameArena();
  assert.equal(hex(arena.frame(Opcode.Text, 'é', 2, 0)), '8102c3a9');
  assert.equal(hex(arena.frame(Opcode.Binary, unhex('01'), 1, 4)), 'c20101');
  assert.equal(hex(arena.frame(Opcode.Binary, bytes(300), 300, 0)).slice(0, 10), '827e012c07');
});

test('small frames lie side by side and stay as they are, whatever follows', () => {
  const arena = new FrameArena();
  const frames = Array.from({ length: 500 }, (_, i) =>
    arena.frame(Opcode.Text, String(i).padStart(64), 64, 0),
  );
  let adjacent = 0;
  for (const [i, frame] of frames.entries()) {
    assert.equal(Buffer.from(frame).toString('latin1', 2), String(i).padStart(64));
    const before = frames[i - 1];
    if (before === undefined || before.buffer !== frame.buffer) continue;
    assert.equal(before.byteOffset + before.length, frame.byteOffset);
    adjacent++;
  }
  assert.equal(adjacent, 499 - Math.floor(500 / Math.floor(8192 / 66)));
});

test('a receiver of a few frames never holds more than 8 KiB beside them', () => {
  const arena = new FrameArena();
  for (const length of [10, 2_040, 2_044, 2_048, 20_000, 100_000]) {
    const frame = arena.frame(Opcode.Binary, bytes(length), length, 0);
    assert.ok(frame.buffer.byteLength <= Math.max(8192, frame.length), `${length}`);
    assert.deepEqual(frame.subarray(-length), Buffer.from(bytes(length)));
  }
});

test('frames fill the memory to its end, and a larger one is whole as well', () => {
  const arena = new FrameArena();
  const frames = Array.from({ length: 4 }, () =>
    arena.frame(Opcode.Binary, bytes(2_044), 2_044, 0),
  );
  assert.equal(new Set(frames.map(({ buffer }) => buffer)).size, 1);
  assert.equal(frames[0]?.buffer.byteLength, 8_192);
  assert.equal(arena.frame(Opcode.Binary, bytes(3_000), 3_000, 0)[0], 0x82);
});
