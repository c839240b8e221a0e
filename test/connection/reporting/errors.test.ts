import assert from 'node:assert/strict';
import test from 'node:test';

import type { CloseInfo } from '../../../src/connection/closing/close-info.ts';
import { ConnectionClosedError, TimeoutError } from '../../../src/connection/reporting/errors.ts';
import { WebSocketError } from '../../../src/protocol/errors.ts';

const info: CloseInfo = {
  code: 1006,
  reason: '',
  wasClean: false,
  initiator: 'network',
  phase: 'open',
  bufferedAmount: 0,
  retryable: true,
};

test('a TimeoutError is a WebSocketError with ERR_TIMEOUT, and keeps its cause', () => {
  const cause = new Error('why');
  const error = new TimeoutError('too late', { cause });
  assert.ok(error instanceof WebSocketError);
  assert.deepEqual(
    [error.name, error.code, error.message, error.cause],
    ['TimeoutError', 'ERR_TIMEOUT', 'too late', cause],
  );
});

test('a ConnectionClosedError has the info, its code in the message, and ERR_NOT_OPEN', () => {
  const error = new ConnectionClosedError(info);
  assert.ok(error instanceof WebSocketError);
  assert.deepEqual([error.name, error.code], ['ConnectionClosedError', 'ERR_NOT_OPEN']);
  assert.equal(error.info, info);
  assert.equal(error.message, 'the connection closed with 1006');
  assert.equal(error.cause, undefined);
});

test('a ConnectionClosedError tells the reason, and what broke is its cause', () => {
  const broken = new Error('read ECONNRESET');
  const error = new ConnectionClosedError({ ...info, code: 1011, reason: 'oops', error: broken });
  assert.equal(error.message, 'the connection closed with 1011 (oops)');
  assert.equal(error.cause, broken);
});
