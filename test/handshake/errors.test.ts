import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { HandshakeError, type Refusal, refusals } from '../../src/handshake/errors.ts';
import { WebSocketError } from '../../src/protocol/errors.ts';

const names = Object.keys(refusals) as Refusal[];

describe('refusals', () => {
  test('F013: the causes of a failed handshake have codes of their own', () => {
    const codeOf = (name: Refusal): string => new HandshakeError(name).code;
    assert.equal(codeOf('UPGRADE_REQUIRED'), 'ERR_NO_HANDSHAKE');
    assert.equal(codeOf('VERSION_MISSING'), 'ERR_NO_VERSION');
    assert.equal(codeOf('VERSION_UNSUPPORTED'), 'ERR_UNSUPPORTED_VERSION');
    assert.equal(codeOf('KEY_MISSING'), 'ERR_NO_KEY');
    assert.equal(codeOf('ACCEPT_WRONG'), 'ERR_WRONG_ACCEPT');
    assert.equal(codeOf('UNAUTHORIZED'), 'ERR_UNAUTHORIZED');
    assert.equal(codeOf('SUBPROTOCOL_UNOFFERED'), 'ERR_SUBPROTOCOL');
    assert.equal(codeOf('TIMEOUT'), 'ERR_TIMEOUT');
  });

  test('every row has a status a server may answer, or 0, and a section', () => {
    for (const name of names) {
      const [status, section, rule] = refusals[name];
      assert.ok(status === 0 || (status >= 400 && status < 600), name);
      assert.match(section, /^(?:RFC \d{4} §|WHATWG WebSockets §)\d/);
      assert.match(rule, /^[a-z]/);
    }
    assert.equal(new Set(names.map((name) => refusals[name][2])).size, names.length);
  });
});

describe('HandshakeError', () => {
  test('of a server: the status is that of the row', () => {
    const error = new HandshakeError('KEY_MISSING');
    assert.ok(error instanceof WebSocketError && error instanceof Error);
    assert.equal(error.name, 'HandshakeError');
    assert.equal(error.refusal, 'KEY_MISSING');
    assert.equal(error.statusCode, 400);
    assert.equal(error.message, 'the Sec-WebSocket-Key header is missing (RFC 6455 §4.2.1)');
    assert.deepEqual([...error.headers], []);
    assert.equal(error.body, '');
    assert.equal('cause' in error, false);
  });

  test('of a client: status, headers and body are those of the answer', () => {
    const error = new HandshakeError('STATUS_UNAUTHORIZED', {
      statusCode: 401,
      headers: [['WWW-Authenticate', 'Basic']],
      body: 'no',
      detail: '401',
    });
    assert.equal(error.statusCode, 401);
    assert.equal(error.headers.get('www-authenticate'), 'Basic');
    assert.equal(error.body, 'no');
    assert.equal(error.message, 'the server refuses this client: 401 (RFC 6455 §4.1)');
  });

  test('without an answer there is no status, and the cause is kept', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new HandshakeError('UNREACHABLE', { cause });
    assert.equal(error.statusCode, undefined);
    assert.equal(error.cause, cause);
  });
});
