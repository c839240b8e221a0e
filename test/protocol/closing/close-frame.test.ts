import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cutReason, readClose, writeClose } from '../../../src/protocol/closing/close-frame.ts';
import { ProtocolError } from '../../../src/protocol/errors.ts';
import { hex, unhex } from '../../support/recorder.ts';
import { invalidUtf8 } from '../../support/vectors.ts';

function read(payload: string): unknown {
  // Inside other bytes, as it lies in a read buffer.
  const bytes = unhex(`ffff${payload}ffff`);
  return readClose(bytes, 2, bytes.length - 2);
}

function violationOf(payload: string): string {
  try {
    read(payload);
  } catch (error) {
    if (error instanceof ProtocolError) return `${error.violation} ${error.closeCode}`;
    throw error;
  }
  return 'none';
}

test('C-28, F074: an empty Close says 1005', () => {
  assert.deepEqual(read(''), { code: 1005, reason: '' });
});

test('RFC 6455 §5.5.1: a Close says a code and a reason', () => {
  assert.deepEqual(read('03e8'), { code: 1000, reason: '' });
  assert.deepEqual(read('03e8676f6f64627965'), { code: 1000, reason: 'goodbye' });
  assert.deepEqual(read('1387e282ac'), { code: 4999, reason: '€' });
});

test('C-29, F032: a Close payload of one byte breaks the protocol', () => {
  assert.equal(violationOf('61'), 'CLOSE_PAYLOAD 1002');
});

test('C-30, F033: a code that must not be sent breaks the protocol', () => {
  const codes = '0000 03e7 03ec 03ed 03ee 03f7 044c 07d0 0bb7 1388 ffff'.split(' ');
  for (const code of codes) assert.equal(violationOf(code), 'CLOSE_CODE 1002', code);
});

test('C-31: 1012 to 1014 are registered and accepted', () => {
  for (const [payload, code] of [
    ['03f4', 1012],
    ['03f5', 1013],
    ['03f6', 1014],
  ] as const) {
    assert.deepEqual(read(payload), { code, reason: '' });
  }
});

test('C-35, F035: a reason that is not UTF-8 fails with 1007', () => {
  for (const bytes of invalidUtf8) {
    assert.equal(violationOf(`03e8${bytes}`), 'INVALID_UTF8 1007', bytes);
  }
});

test('a Close payload is written as it is read', () => {
  assert.equal(hex(writeClose(undefined, 'ignored')), '');
  assert.equal(hex(writeClose(1000, '')), '03e8');
  assert.equal(hex(writeClose(4001, 'bye')), '0fa1627965');
});

test('F006, F008: a code that must not be sent is refused', () => {
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535, NaN]) {
    assert.throws(() => writeClose(code, ''), { name: 'RangeError', message: /must not be sent/ });
  }
});

test('F067: a reason is cut to 123 bytes', () => {
  assert.equal(cutReason('a'.repeat(123)), 'a'.repeat(123));
  assert.equal(cutReason('a'.repeat(200)), 'a'.repeat(123));
  assert.equal(writeClose(1000, 'a'.repeat(200)).length, 125);
});

test('F068: the cut never splits a character', () => {
  assert.equal(cutReason('é'.repeat(100)), 'é'.repeat(61));
  assert.equal(cutReason('€'.repeat(100)), '€'.repeat(41));
  assert.equal(cutReason(`a${'😀'.repeat(50)}`), `a${'😀'.repeat(30)}`);
});
