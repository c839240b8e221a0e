import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ProtocolError } from '../../../src/protocol/errors.ts';
import { FrameHeader, type HeaderRules } from '../../../src/protocol/frame/header.ts';
import { unhex } from '../../support/recorder.ts';

const client: HeaderRules = { masked: false, allowRsv1: false };
const server: HeaderRules = { masked: true, allowRsv1: false };

/** Reads a header that stands inside other bytes; gives its length, -1 or the rule it breaks. */
function read(text: string, rules = client, header = new FrameHeader()): number | string {
  const bytes = unhex(`ffff${text}`);
  try {
    const after = header.read(bytes, 2, bytes.length, rules);
    return after < 0 ? after : after - 2;
  } catch (error) {
    if (error instanceof ProtocolError) return error.violation;
    throw error;
  }
}

function fieldsOf({ fin, rsv, opcode, masked, maskingKey, payloadLength }: FrameHeader) {
  return { fin, rsv, opcode, masked, maskingKey, payloadLength };
}

test('RFC 6455 §5.2: every field is read', () => {
  const header = new FrameHeader();
  assert.equal(read('827e0100', client, header), 4);
  assert.deepEqual(fieldsOf(header), {
    fin: true,
    rsv: 0,
    opcode: 2,
    masked: false,
    maskingKey: 0,
    payloadLength: 256,
  });
  assert.equal(read('01fe01009abcdef0', server, header), 8);
  assert.deepEqual(fieldsOf(header), {
    fin: false,
    rsv: 0,
    opcode: 1,
    masked: true,
    maskingKey: 0x9abcdef0,
    payloadLength: 256,
  });
});

test('RFC 6455 §5.2: the three forms of the length, each to its limits', () => {
  const lengths: [text: string, length: number][] = [
    ['8200', 0],
    ['827d', 125],
    ['827e007e', 126],
    ['827effff', 65_535],
    ['827f0000000000010000', 65_536],
    ['827f0000000100000002', 0x1_0000_0002],
    ['827f001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ];
  for (const [text, length] of lengths) {
    const header = new FrameHeader();
    assert.equal(read(text, client, header), text.length / 2);
    assert.equal(header.payloadLength, length);
  }
});

test('C-37: a header that is cut short is read later, wherever it is cut', () => {
  for (const whole of ['82fe007e01020304', '82ff000000000001000001020304', '828101020304']) {
    for (let length = 0; length < whole.length; length += 2) {
      assert.equal(read(whole.slice(0, length), server), -1);
    }
    assert.equal(read(whole, server), whole.length / 2);
  }
});

test('C-14, F021: RSV bits are refused at the first two bytes', () => {
  for (const first of ['c1', 'a1', '91', 'e1', 'd1', 'b1', 'f1', 'c2', 'c0', 'c8', 'c9', 'ca']) {
    assert.equal(read(`${first}00`), 'RESERVED_BITS', first);
  }
});

test('RFC 7692 §6: RSV1 means something on the first frame of a message only', () => {
  const rules = { ...client, allowRsv1: true };
  assert.deepEqual(
    ['c100', 'c200', '4100'].map((text) => read(text, rules)),
    [2, 2, 2],
  );
  for (const first of ['c0', 'c8', 'c9', 'ca', 'a1', '91', 'e1', 'd1', 'f1']) {
    assert.equal(read(`${first}00`, rules), 'RESERVED_BITS', first);
  }
});

test('C-15, F023: reserved opcodes are refused', () => {
  for (const opcode of '34567bcdef') assert.equal(read(`8${opcode}00`), 'RESERVED_OPCODE', opcode);
});

test('F022: with allowReserved all bits and opcodes pass, the rules of control frames hold', () => {
  const rules = { ...client, allowReserved: true };
  const header = new FrameHeader();
  for (const first of ['f1', '83', 'fb', '8f', 'd0', 'f9']) {
    assert.equal(read(`${first}00`, rules, header), 2, first);
    assert.equal(header.rsv, (Number.parseInt(first, 16) >> 4) & 7);
  }
  assert.equal(read('0b00', rules), 'CONTROL_FRAGMENTED');
  assert.equal(read('8f7e', rules), 'CONTROL_TOO_LONG');
});

test('C-18, C-19, F026, F027: clients must mask, servers must not', () => {
  assert.equal(read('8103', server), 'MASK_REQUIRED');
  assert.equal(read('8185', client), 'MASK_FORBIDDEN');
});

test('C-16, C-17: control frames are whole and short, known at the first two bytes', () => {
  for (const opcode of '89a') {
    assert.equal(read(`0${opcode}00`), 'CONTROL_FRAGMENTED');
    assert.equal(read(`8${opcode}7d`), 2);
    assert.equal(read(`8${opcode}7e`), 'CONTROL_TOO_LONG');
    assert.equal(read(`8${opcode}7f`), 'CONTROL_TOO_LONG');
  }
});

test('C-21, F028: a length must have its shortest form, all that are too long are refused', () => {
  for (let length = 0; length < 126; length++) {
    const short = length.toString(16).padStart(4, '0');
    assert.equal(read(`827e${short}`), 'LENGTH_NOT_MINIMAL');
  }
  for (const length of [0, 1, 125, 126, 127, 255, 256, 65_534, 65_535]) {
    const long = length.toString(16).padStart(16, '0');
    assert.equal(read(`827f${long}`), 'LENGTH_NOT_MINIMAL');
  }
});

test('C-20, F029: the top bit of a length is 0, and no length is beyond 2^53 - 1', () => {
  assert.equal(read('827f8000000000000000'), 'LENGTH_TOP_BIT');
  assert.equal(read('827fffffffffffffffff'), 'LENGTH_TOP_BIT');
  assert.equal(read('827f0020000000000000'), 'FRAME_TOO_BIG');
  assert.equal(read('827f7fffffffffffffff'), 'FRAME_TOO_BIG');
});

test('F039, F041: a frame over the limit is refused before its masking key has come', () => {
  const rules = { ...server, maxFrameSize: 1000 };
  assert.equal(read('82fe03e800000000', rules), 8);
  assert.equal(read('82fe03e9', rules), 'FRAME_TOO_BIG');
});
