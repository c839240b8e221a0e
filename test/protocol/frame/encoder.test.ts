import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  encodeFrame,
  frameOf,
  headerLength,
  writePart,
} from '../../../src/protocol/frame/encoder.ts';
import { Opcode } from '../../../src/protocol/opcode.ts';
import { hex, unhex } from '../../support/recorder.ts';

test('F003: FIN and RSV bits stand in the first byte', () => {
  const first = (opcode: number, options?: object) => encodeFrame(opcode, 'x', options)[0];
  assert.deepEqual(
    [
      first(Opcode.Text),
      first(Opcode.Binary),
      first(Opcode.Text, { fin: false }),
      first(Opcode.Continuation),
    ],
    [0x81, 0x82, 0x01, 0x80],
  );
  assert.deepEqual(
    [1, 2, 4, 7].map((rsv) => first(Opcode.Text, { rsv })),
    [0x91, 0xa1, 0xc1, 0xf1],
  );
});

test('RFC 6455 §5.7: "Hello", unmasked and masked', () => {
  assert.equal(hex(encodeFrame(Opcode.Text, 'Hello')), '810548656c6c6f');
  const maskingKey = 0x37fa213d;
  const masked = '818537fa213d7f9f4d5158';
  assert.equal(hex(encodeFrame(Opcode.Text, 'Hello', { maskingKey })), masked);
  assert.equal(hex(encodeFrame(Opcode.Text, unhex('48656c6c6f'), { maskingKey })), masked);
  assert.equal(hex(frameOf(Opcode.Text, 'Hello', true, 0, maskingKey)), masked);
});

test('F117: a key of zero is legal: the frame is masked, its payload reads the same', () => {
  assert.equal(
    hex(encodeFrame(Opcode.Binary, unhex('010203'), { maskingKey: 0 })),
    '828300000000010203',
  );
});

test('C-43, C-44: the shortest of the three length forms is used', () => {
  const headers: [length: number, header: string][] = [
    [0, '8200'],
    [125, '827d'],
    [126, '827e007e'],
    [200, '827e00c8'],
    [300, '827e012c'],
    [65_535, '827effff'],
    [65_536, '827f0000000000010000'],
    [70_000, '827f0000000000011170'],
  ];
  for (const [length, header] of headers) {
    const frame = encodeFrame(Opcode.Binary, new Uint8Array(length));
    assert.equal(frame.length, header.length / 2 + length);
    assert.equal(hex(frame.subarray(0, header.length / 2)), header);
    const masked = encodeFrame(Opcode.Binary, new Uint8Array(length), { maskingKey: 1 });
    assert.equal(masked.length, frame.length + 4);
    assert.equal(masked[1], (frame[1] ?? 0) | 0x80);
    assert.equal(headerLength(length, false), header.length / 2);
    assert.equal(headerLength(length, true), header.length / 2 + 4);
  }
});

test('RFC 6455 §5.3: the bytes given are not changed by masking', () => {
  const payload = new Uint8Array(300).fill(1);
  encodeFrame(Opcode.Binary, payload, { maskingKey: 0xffff_ffff });
  assert.deepEqual([...new Set(payload)], [1]);
});

test('RFC 6455 §8.1: text is written as UTF-8, a lone surrogate as U+FFFD', () => {
  assert.equal(hex(encodeFrame(Opcode.Text, 'é€😀')), '8109c3a9e282acf09f9880');
  assert.equal(hex(encodeFrame(Opcode.Text, 'a\ud800')), '810461efbfbd');
});

test('RFC 6455 §5.2: what no frame can hold is an error that says what is allowed', () => {
  const bytes = new Uint8Array(0);
  const wrong: [() => unknown, RegExp][] = [
    [
      () => encodeFrame(16, bytes),
      /^RangeError: opcode must be an integer from 0 to 15, but is 16$/,
    ],
    [() => encodeFrame(-1, bytes), /opcode must be/],
    [() => encodeFrame(1.5, bytes), /opcode must be/],
    [() => encodeFrame(1, bytes, { rsv: 8 }), /^RangeError: rsv must be an integer from 0 to 7/],
    [() => encodeFrame(1, bytes, { maskingKey: -1 }), /^RangeError: maskingKey must be/],
    [() => encodeFrame(1, bytes, { maskingKey: 2 ** 32 }), /^RangeError: maskingKey must be/],
    [() => encodeFrame(1, [] as unknown as string), /^TypeError: payload must be/],
    [() => encodeFrame(1, bytes, { fin: 1 as unknown as boolean }), /^TypeError: fin must be/],
    [
      () => encodeFrame(1, bytes, { mask: 1 } as object),
      /^TypeError: unknown option mask; allowed are fin, rsv, maskingKey$/,
    ],
  ];
  for (const [call, message] of wrong) assert.throws(call, message);
});

test('RFC 6455 §5.5: frames that break rules can be made, to see what a peer says', () => {
  assert.equal(
    hex(encodeFrame(Opcode.Ping, new Uint8Array(126), { fin: false })).slice(0, 8),
    '097e007e',
  );
});

test('RFC 6455 §5.3: a frame in parts is the same frame, whatever the parts', () => {
  const payload = Uint8Array.from({ length: 300 }, (_, index) => index % 251);
  for (const maskingKey of [undefined, 0, 0x1234_5678]) {
    const expected = encodeFrame(Opcode.Binary, payload, { maskingKey });
    const header = expected.length - payload.length;
    for (const cut of [1, 2, 3, 150, 299]) {
      const frame = new Uint8Array(expected.length);
      writePart(frame, 0, Opcode.Binary, payload, 0, cut, true, 0, maskingKey);
      writePart(frame, header + cut, Opcode.Binary, payload, cut, 300, true, 0, maskingKey);
      assert.equal(hex(frame), hex(expected));
    }
  }
});
