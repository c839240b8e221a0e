import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isControlOpcode, isReservedOpcode, Opcode } from '../../src/protocol/opcode.ts';

const all = Array.from({ length: 16 }, (_, opcode) => opcode);

test('F001: every opcode has its value (RFC 6455 §11.8)', () => {
  assert.deepEqual(Opcode, { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 });
});

test('C-05, F002: opcodes 3–7 and B–F are reserved, the others are not', () => {
  assert.deepEqual(all.filter(isReservedOpcode), [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]);
});

test('RFC 6455 §5.5: opcodes from 8 on are those of control frames', () => {
  assert.deepEqual(all.filter(isControlOpcode), [8, 9, 10, 11, 12, 13, 14, 15]);
});
