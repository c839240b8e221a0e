import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FrameCounter, LengthCounter } from '../../bench/load/frame-counter.ts';
import {
  frameLength,
  maskedFrame,
  repeated,
  serverFrame,
  takeFrame,
} from '../../bench/load/frames.ts';
import { Random } from '../../bench/load/random.ts';

const sizes = [0, 1, 125, 126, 65_535, 65_536];

describe('bench: frames', () => {
  for (const size of sizes) {
    test(`RFC 6455 §5.2: a frame of ${size} bytes is taken out as it was made`, () => {
      const random = new Random(size);
      const payload = random.bytes(size);
      for (const frame of [
        maskedFrame('binary', payload, random),
        serverFrame('binary', payload),
      ]) {
        const bytes = Buffer.concat([frame, Uint8Array.of(0x81)]);
        assert.deepEqual(takeFrame(bytes), [
          { fin: true, rsv: 0, opcode: 2, payload },
          frame.length,
        ]);
        assert.equal(takeFrame(Buffer.from(frame.subarray(0, -1))), undefined);
      }
      assert.equal(serverFrame('binary', payload).length, frameLength(size));
    });
  }

  test('a compressed text has its bits', () => {
    const taken = takeFrame(Buffer.from(maskedFrame('text', Uint8Array.of(1), new Random(1), 4)));
    assert.equal(taken?.[0].rsv, 4);
    assert.equal(taken?.[0].opcode, 1);
  });
});

describe('bench: counting', () => {
  const all = Buffer.concat(sizes.map((size) => serverFrame('binary', new Uint8Array(size))));

  test('frames of any length are counted at every cut of a read', () => {
    for (const step of [1, 2, 3, 7, 64, 1_000, 65_536, all.length]) {
      const counter = new FrameCounter();
      let count = 0;
      for (let at = 0; at < all.length; at += step) {
        const part = all.subarray(at, at + step);
        count += counter.count(part, part.length);
      }
      assert.equal(count, sizes.length, `${step} bytes a read`);
    }
  });

  test('bytes after the end of a read are not looked at', () => {
    const counter = new FrameCounter();
    const two = repeated(serverFrame('text', Uint8Array.of(1, 2)), 2);
    assert.equal(counter.count(two, 5), 1);
    assert.equal(counter.count(two.subarray(5), 3), 1);
  });

  test('messages of one length are counted by their bytes', () => {
    const counter = new LengthCounter(34);
    const nothing = new Uint8Array(0);
    assert.deepEqual(
      [33, 1, 68, 30, 4].map((end) => counter.count(nothing, end)),
      [0, 1, 2, 0, 1],
    );
  });
});
