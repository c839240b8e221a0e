import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';

import { deflated, deflatedFinal, Deflater, Inflater } from '../../conformance/wire/deflate.ts';
import {
  applyMask,
  binary,
  close,
  continuation,
  encode,
  fragments,
  text,
} from '../../conformance/wire/frame.ts';
import { type ReadFrame, FrameReader } from '../../conformance/wire/reader.ts';

const key = Buffer.from('37fa213d', 'hex');
const hex = (bytes: Buffer): string => bytes.toString('hex');

describe("the runner's frames", () => {
  test('RFC 6455 §5.7: the examples are written byte for byte', () => {
    assert.equal(hex(encode(text('Hello'), 'server')), '810548656c6c6f');
    assert.equal(hex(encode(text('Hello', { key }), 'client')), '818537fa213d7f9f4d5158');
    assert.equal(hex(encode(text('Hel', { fin: false }), 'server')), '010348656c');
    assert.equal(hex(encode(continuation('lo'), 'server')), '80026c6f');
    assert.equal(hex(encode(close(1000, 'bye'), 'server')), '880503e8627965');
  });

  test('C-01: masking is what the key says, and masking twice is nothing', () => {
    const bytes = Buffer.from('abcdefgh');
    applyMask(bytes, Buffer.from('12345678', 'hex'));
    assert.equal(hex(bytes), '7356351c77523110');
    applyMask(bytes, Buffer.from('12345678', 'hex'));
    assert.equal(bytes.toString(), 'abcdefgh');
  });

  test('RFC 6455 §5.2: lengths are written in the asked form, the shortest one by default', () => {
    const head = (size: number, form?: 16 | 64): string =>
      hex(encode(binary(Buffer.alloc(size), form && { form }), 'server').subarray(0, 10));
    assert.ok(head(125).startsWith('827d'));
    assert.ok(head(126).startsWith('827e007e'));
    assert.ok(head(65_536).startsWith('827f0000000000010000'));
    assert.ok(head(5, 16).startsWith('827e0005'));
    assert.ok(head(5, 64).startsWith('827f0000000000000005'));
  });

  test('a frame can be wrong on purpose: mask, bits and declared length', () => {
    assert.equal(hex(encode(text('a', { wrongMask: true }), 'client')), '810161');
    assert.equal(hex(encode(text('a', { rsv: 4 }), 'server')), 'c10161');
    const declared = 2n ** 63n;
    assert.equal(hex(encode(text('', { declared }), 'server')), '817f8000000000000000');
  });

  test('RFC 6455 §5.4: a payload is cut into fragments, an empty one into one frame', () => {
    const frames = fragments(text('abcde'), 2);
    assert.deepEqual(
      frames.map(({ opcode, payload, fin }) => [opcode, payload.toString(), fin]),
      [
        [1, 'ab', false],
        [0, 'cd', false],
        [0, 'e', true],
      ],
    );
    assert.equal(fragments(text(''), 2).length, 1);
  });
});

describe("the runner's reader", () => {
  const stream = Buffer.concat([
    encode(text('Hello', { key }), 'client'),
    encode(binary(Buffer.alloc(300, 7)), 'server'),
    encode(text('a', { form: 64, rsv: 2, fin: false }), 'server'),
  ]);
  const facts = (frames: ReadFrame[]): unknown[] =>
    frames.map((frame) => [
      frame.opcode,
      frame.fin,
      frame.rsv,
      frame.payload.length,
      frame.key === undefined ? '' : hex(frame.key),
      frame.minimal,
    ]);
  const expected = [
    [1, true, 0, 5, '37fa213d', true],
    [2, true, 0, 300, '', true],
    [1, false, 2, 1, '', false],
  ];

  test('RFC 6455 §5.2: the same frames come out, at every cut', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const reader = new FrameReader();
      const frames = [
        ...reader.push(stream.subarray(0, cut)),
        ...reader.push(stream.subarray(cut)),
      ];
      assert.deepEqual(facts(frames), expected, `cut at ${cut}`);
      assert.equal(frames[0]?.payload.toString(), 'Hello');
    }
  });
});

describe("the runner's deflate", () => {
  const direction = { windowBits: 10, noContextTakeover: false };

  test('RFC 7692 §7.2.3.1: "Hello" compresses to the bytes of the example', () => {
    assert.equal(hex(deflated('Hello')), 'f248cdc9c90700');
    assert.equal(hex(deflatedFinal('Hello')), 'f348cdc9c9070000');
  });

  test('RFC 7692 §7.2.3.2: a window is shared between messages, unless it is agreed away', () => {
    const lengths = (noContextTakeover: boolean): number[] => {
      const deflater = new Deflater({ windowBits: 15, noContextTakeover });
      const inflater = new Inflater({ windowBits: 15, noContextTakeover });
      const payload = Buffer.from('the same words in every message');
      const sizes: number[] = [];
      for (let i = 0; i < 3; i++) {
        const bytes = deflater.compress(payload);
        sizes.push(bytes.length);
        assert.deepEqual(inflater.inflate(bytes), payload);
      }
      return sizes;
    };
    const [first = 0, second = 0] = lengths(false);
    assert.ok(second < first);
    const [alone, again] = lengths(true);
    assert.equal(alone, again);
  });

  test('RFC 7692 §7.2.2: bad data throw, a last block does not end the connection', () => {
    const inflater = new Inflater(direction);
    assert.equal(inflater.inflate(deflatedFinal('one')).toString(), 'one');
    assert.equal(inflater.inflate(deflated('two')).toString(), 'two');
    assert.throws(() => inflater.inflate(Buffer.from('0700', 'hex')));
  });

  test('RFC 7692 §7.1.2.1: a reference beyond the agreed window throws', () => {
    const block = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i * 31 + i * 7) >> 3));
    const payload = Buffer.concat([block, block]);
    const deflater = new Deflater({ windowBits: 15, noContextTakeover: false });
    const bytes = deflater.compress(payload);
    const narrow = new Inflater({ ...direction, windowBits: 10 });
    assert.throws(() => narrow.inflate(bytes));
    const wide = new Inflater({ ...direction, windowBits: 15 });
    assert.deepEqual(wide.inflate(bytes), payload);
  });
});
