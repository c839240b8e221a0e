import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isValidCloseCode } from '../../src/protocol/closing/close-code.ts';
import {
  ProtocolError,
  violations,
  WebSocketError,
  type Violation,
} from '../../src/protocol/errors.ts';

const names = Object.keys(violations) as Violation[];

test('F014: an error takes close code, code and text from its row of the table', () => {
  for (const violation of names) {
    const [closeCode, section, rule, code] = violations[violation];
    const error = new ProtocolError(violation);
    assert.ok(error instanceof WebSocketError && error instanceof Error);
    assert.equal(error.name, 'ProtocolError');
    assert.equal(error.violation, violation);
    assert.equal(error.closeCode, closeCode);
    assert.equal(error.code, code);
    assert.equal(error.message, `${rule} (${section})`);
    assert.equal(error.cause, undefined);
  }
});

test('every violation that can be answered has a close code that may be sent', () => {
  const unsendable = names.filter((name) => !isValidCloseCode(violations[name][0]));
  assert.deepEqual(unsendable, ['INCOMPLETE_FRAME']);
});

test('a violation fits into the reason of the Close that names it', () => {
  for (const violation of names) {
    const { message } = new ProtocolError(violation);
    assert.ok(Buffer.byteLength(message) <= 123, message);
  }
});

test('an error keeps its cause', () => {
  const cause = new Error('zlib');
  assert.equal(new ProtocolError('INVALID_DEFLATE', { cause }).cause, cause);
  const error = new WebSocketError('ERR_NOT_OPEN', 'text', { cause });
  assert.deepEqual(
    [error.name, error.code, error.cause],
    ['WebSocketError', 'ERR_NOT_OPEN', cause],
  );
});
