import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodeFrame } from '../../../src/protocol/frame/encoder.ts';
import { Opcode } from '../../../src/protocol/opcode.ts';
import { encodeUtf8, FrameWriter } from '../../../src/protocol/sending/frame-writer.ts';
import { hex, unhex } from '../../support/recorder.ts';

function create(size = Infinity, nextMaskingKey?: () => number) {
  const frames: string[] = [];
  const writer = new FrameWriter(
    { write: (frame) => void frames.push(hex(frame)) },
    nextMaskingKey,
    size,
  );
  return { writer, frames };
}

test('RFC 6455 §5.1: without keys frames go unmasked, with them each has one of its own', () => {
  const server = create();
  server.writer.frame(Opcode.Ping, unhex('61'));
  server.writer.frame(Opcode.Text, 'a', false, 4);
  assert.deepEqual(server.frames, ['890161', '410161']);
  let key = 0;
  const client = create(Infinity, () => ++key);
  client.writer.frame(Opcode.Ping, unhex('61'));
  client.writer.message(Opcode.Text, '', true, 0);
  assert.deepEqual(client.frames, ['89810000000161', '818000000002']);
});

test('a frame is put together in the place that its target has for it', () => {
  const space = new Uint8Array(12).fill(0xff);
  const sizes: number[] = [];
  const frames: string[] = [];
  const target = {
    space,
    write: (frame: Uint8Array) => void frames.push(hex(frame)),
    reserve: (size: number) => (sizes.push(size) === 1 ? 3 : -1),
  };
  const writer = new FrameWriter(target, () => 1, Infinity);
  writer.frame(Opcode.Text, 'a');
  writer.frame(Opcode.Text, 'b');
  assert.deepEqual(sizes, [7, 7]);
  assert.equal(hex(space), 'ffffff81810000000161ffff');
  assert.deepEqual(frames, ['81810000000162']);
});

test('an unmasked frame asks for no room for a key, and may lie first', () => {
  const space = new Uint8Array(3);
  const target = {
    space,
    write: () => assert.fail('there was room'),
    reserve: (size: number) => (size === 3 ? 0 : assert.fail(`${size} bytes`)),
  };
  new FrameWriter(target, undefined, Infinity).frame(Opcode.Text, 'a');
  assert.equal(hex(space), '810161');
});

test('without a place, or without room in it, a frame is written', () => {
  const frames: string[] = [];
  const write = (frame: Uint8Array) => void frames.push(hex(frame));
  for (const target of [
    { write, space: new Uint8Array(9) },
    { write, reserve: () => 0 },
  ]) {
    new FrameWriter(target, undefined, Infinity).frame(Opcode.Text, 'a');
  }
  assert.deepEqual(frames, ['810161', '810161']);
});

test('F051: a message is split into frames of the size asked for', () => {
  const rows: [payload: Uint8Array | string, frames: string[]][] = [
    [unhex('01020304'), ['820401020304']],
    [unhex('0102030405'), ['020401020304', '800105']],
    [unhex('0102030405060708'), ['020401020304', '800405060708']],
    ['', ['8200']],
    ['abcd', ['820461626364']],
    ['é€', ['0204c3a9e282', '8001ac']],
  ];
  for (const [payload, frames] of rows) {
    const small = create(4);
    small.writer.message(Opcode.Binary, payload, true, 0);
    assert.deepEqual(small.frames, frames);
  }
});

test('RFC 7692 §6.1: RSV1 is on the first frame only, FIN of a fragment on none', () => {
  const compressed = create(2);
  compressed.writer.message(Opcode.Text, unhex('0102030405'), true, 4);
  compressed.writer.message(Opcode.Text, unhex('01'), false, 4);
  compressed.writer.message(Opcode.Continuation, unhex('010203'), false, 0);
  assert.deepEqual(compressed.frames, [
    '41020102',
    '00020304',
    '800105',
    '410101',
    '00020102',
    '000103',
  ]);
});

test('F051: 20,000 bytes in fragments of 8,192 make three frames', () => {
  const { writer, frames } = create(8192);
  writer.message(Opcode.Binary, new Uint8Array(20_000), true, 0);
  assert.deepEqual(
    frames.map((frame) => frame.slice(0, 8)),
    ['027e2000', '007e2000', '807e0e20'],
  );
});

test('a text as UTF-8 has bytes of its own', () => {
  assert.equal(hex(encodeUtf8('é€😀')), 'c3a9e282acf09f9880');
});

test('a frame for many goes as it is, unless it has to be masked or split', () => {
  const frame = unhex('8103616263');
  const shared = { opcode: Opcode.Text, rsv: 0, payload: frame.subarray(2), frame };
  const written: Uint8Array[] = [];
  const target = { write: (bytes: Uint8Array) => void written.push(bytes) };
  new FrameWriter(target, undefined, 3).shared(shared);
  assert.equal(written[0], frame);
  const small = create(2);
  small.writer.shared(shared);
  assert.deepEqual(small.frames, ['01026162', '800163']);
  const client = create(Infinity, () => 0x01010101);
  client.writer.shared({ ...shared, rsv: 4 });
  assert.deepEqual(client.frames, ['c18301010101606362']);
  assert.equal(hex(frame), '8103616263', 'nobody else sees the mask');
});

/** What a target with room for so many parts gets of a frame, and in how many of them. */
function partsOf(payload: Uint8Array, room: number, key?: number) {
  const most = 524_288;
  const space = new Uint8Array(most + 64);
  const frames: Uint8Array[] = [];
  let place = 0;
  let filled = 0;
  // What was filled in is looked at when the next call comes.
  const look = (): void => {
    if (filled > 0) frames.push(space.slice(place, place + filled));
    filled = 0;
  };
  const target = {
    space,
    reserve(size: number): number {
      look();
      if (size > most || frames.length >= room) return -1;
      filled = size;
      // The first lies at the beginning, the others elsewhere.
      place = frames.length * 7;
      return place;
    },
    write(bytes: Uint8Array): void {
      look();
      frames.push(new Uint8Array(bytes));
    },
  };
  new FrameWriter(target, key === undefined ? key : () => key, Infinity).frame(2, payload);
  look();
  return { frame: Buffer.concat(frames), sizes: frames.map(({ length }) => length) };
}

for (const key of [undefined, 0, 0x1234_5678]) {
  test(`a long frame is put together in parts of alike length, key ${key}`, () => {
    const payload = Uint8Array.from({ length: 1_200_001 }, (_, index) => index % 251);
    const expected = encodeFrame(2, payload, { maskingKey: key });
    const most = Math.ceil(expected.length / 3);
    const rest = expected.length - 2 * most;
    for (const [room, sizes] of [
      [Infinity, [most, most, rest]],
      [1, [most, most + rest]],
      [0, [expected.length]],
    ] as const) {
      const parts = partsOf(payload, room, key);
      assert.ok(expected.length === parts.frame.length && parts.frame.equals(expected));
      assert.deepEqual(parts.sizes, sizes);
    }
  });
}

test('a long text is written as one frame, and so is what has no place to be put together in', () => {
  const frames: Uint8Array[] = [];
  const write = (frame: Uint8Array) => void frames.push(frame);
  const space = new Uint8Array(600_100);
  for (const target of [
    { write },
    { write, space },
    { write, reserve: () => 0 },
    { write, reserve: () => -1 },
  ])
    for (const payload of ['a'.repeat(600_000), Buffer.alloc(600_000, 'a')])
      new FrameWriter(target, undefined, Infinity).frame(Opcode.Text, payload);
  const expected = encodeFrame(Opcode.Text, 'a'.repeat(600_000));
  assert.equal(frames.length, 8);
  for (const frame of frames) assert.ok(Buffer.from(frame).equals(expected));
});

test('frames that are shared leave as they are where none is masked or cut', () => {
  const keeps = [create(), create(1000), create(Infinity, () => 1)];
  assert.deepEqual(
    keeps.map(({ writer }) => writer.keepsFrames),
    [true, false, false],
  );
});
